/* What the parts of the add-on share. */
#ifndef KEYHOLD_ADD_ON_H
#define KEYHOLD_ADD_ON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stddef.h>

/* Changes, as in `binding.ts`, with what functions there are or what they take: an older one is not used. */
#define CONTRACT 2

/* Throws an error with this message; answers NULL, to be returned. */
napi_value refuse(napi_env env, const char *why);

/* The bytes of a Buffer or another view of memory; 0 where the value is none. An empty one may have no address. */
int bytes_of(napi_env env, napi_value value, unsigned char **bytes, size_t *length);

/* What a handle holds: OpenSSL would take the one for the other, and read whatever lies there. */
extern const napi_type_tag PKEY_HANDLE, MAC_HANDLE;

/* Wraps `held`, freed when the handle is collected, or at once where there is none; throws then. */
napi_value handle_of(napi_env env, void *held, const napi_type_tag *kind, napi_finalize free_held);

/* What the handle of this kind holds; NULL where the value is no such handle. */
void *held_by(napi_env env, napi_value value, const napi_type_tag *kind);

/* What runs on libuv's thread pool, and the promise that waits for it. */
struct work {
  napi_async_work async;
  napi_deferred deferred;
};

/* Queues it, and answers the promise; or throws and answers NULL, and then nothing of it is ever called. */
napi_value queued(napi_env env, const char *name, napi_async_execute_callback execute,
                  napi_async_complete_callback complete, void *given, struct work *work);

/* For `complete`: fulfils the promise, or rejects it where there is no answer, and ends the work. */
void settle(napi_env env, const struct work *work, napi_value answer);

/* Each part adds its functions to the exports; 0 where it cannot. */
int define_verifying(napi_env env, napi_value exports);
int define_signing(napi_env env, napi_value exports);
int define_symmetric(napi_env env, napi_value exports);

#endif
