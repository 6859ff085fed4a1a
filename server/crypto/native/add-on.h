/* What the parts of the add-on share. */
#ifndef KEYHOLD_ADD_ON_H
#define KEYHOLD_ADD_ON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stddef.h>

/* Throws an error with this message; answers NULL, to be returned. */
napi_value refuse(napi_env env, const char *why);

/* The bytes of a Buffer or Uint8Array; 0 where the value is neither. An empty one may have no address. */
int bytes_of(napi_env env, napi_value value, unsigned char **bytes, size_t *length);

/* Each part adds its functions to the exports; 0 where it cannot. */
int define_digest_signing(napi_env env, napi_value exports);
int define_symmetric(napi_env env, napi_value exports);

#endif
