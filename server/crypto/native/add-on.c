/*
 * Cryptography by the OpenSSL inside node that node:crypto has no call for, or needs several calls for.
 * See docs/decisions/0009-digest-signing.md and 0013-one-call-cryptography.md.
 */
#include "add-on.h"

#include <openssl/crypto.h>

napi_value refuse(napi_env env, const char *why) {
  napi_throw_error(env, NULL, why);
  return NULL;
}

int bytes_of(napi_env env, napi_value value, unsigned char **bytes, size_t *length) {
  bool is_buffer = false;
  return napi_is_buffer(env, value, &is_buffer) == napi_ok && is_buffer &&
         napi_get_buffer_info(env, value, (void **)bytes, length) == napi_ok;
}

const napi_type_tag PKEY_HANDLE = {0x9d1f4c0e6b5a4e21, 0xa7c83b52f0de1964};
const napi_type_tag MAC_HANDLE = {0x4be2907d15c34f8a, 0x8f60d7a92e3b51cc};

napi_value handle_of(napi_env env, void *held, const napi_type_tag *kind, napi_finalize free_held) {
  napi_value handle;
  if (napi_create_external(env, held, free_held, NULL, &handle) != napi_ok) {
    free_held(env, held, NULL);
    return refuse(env, "no handle");
  }
  /* Without its tag it is never taken for one, and goes with the garbage. */
  return napi_type_tag_object(env, handle, kind) == napi_ok ? handle : refuse(env, "no handle");
}

void *held_by(napi_env env, napi_value value, const napi_type_tag *kind) {
  napi_valuetype type;
  bool is_kind = false;
  void *held = NULL;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_external &&
                 napi_check_object_type_tag(env, value, kind, &is_kind) == napi_ok && is_kind &&
                 napi_get_value_external(env, value, &held) == napi_ok
             ? held
             : NULL;
}

NAPI_MODULE_INIT() {
  /* Another OpenSSL than the one it was compiled for is another library. */
  if (OPENSSL_version_major() != OPENSSL_VERSION_MAJOR ||
      OPENSSL_version_minor() < OPENSSL_VERSION_MINOR) {
    return refuse(env, "compiled for another OpenSSL");
  }
  if (!define_digest_signing(env, exports) || !define_symmetric(env, exports)) {
    return refuse(env, "the add-on does not start");
  }
  return exports;
}
