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
