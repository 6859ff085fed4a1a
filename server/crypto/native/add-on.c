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

napi_value queued(napi_env env, const char *name, napi_async_execute_callback execute,
                  napi_async_complete_callback complete, void *given, struct work *work) {
  napi_value promise, resource_name;
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &resource_name) != napi_ok ||
      napi_create_async_work(env, NULL, resource_name, execute, complete, given, &work->async) !=
          napi_ok) {
    return refuse(env, "no work");
  }
  if (napi_create_promise(env, &work->deferred, &promise) == napi_ok &&
      napi_queue_async_work(env, work->async) == napi_ok) {
    return promise;
  }
  napi_delete_async_work(env, work->async);
  return refuse(env, "not queued");
}

void settle(napi_env env, const struct work *work, napi_value answer) {
  napi_value message, error;
  /* Where the environment ends nothing can be made, and nobody waits. */
  if (answer != NULL) {
    napi_resolve_deferred(env, work->deferred, answer);
  } else if (napi_create_string_utf8(env, "OpenSSL refused", NAPI_AUTO_LENGTH, &message) == napi_ok &&
             napi_create_error(env, NULL, message, &error) == napi_ok) {
    napi_reject_deferred(env, work->deferred, error);
  }
  napi_delete_async_work(env, work->async);
}

NAPI_MODULE_INIT() {
  napi_value contract;
  /* Another OpenSSL than the one it was compiled for is another library. */
  if (OPENSSL_version_major() != OPENSSL_VERSION_MAJOR ||
      OPENSSL_version_minor() < OPENSSL_VERSION_MINOR) {
    return refuse(env, "compiled for another OpenSSL");
  }
  if (napi_create_uint32(env, CONTRACT, &contract) != napi_ok ||
      napi_set_named_property(env, exports, "contract", contract) != napi_ok ||
      !define_verifying(env, exports) || !define_signing(env, exports) ||
      !define_symmetric(env, exports)) {
    return refuse(env, "the add-on does not start");
  }
  return exports;
}
