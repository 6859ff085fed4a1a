/*
 * The keys that sign and verify, and verifying over what is already hashed, by the OpenSSL inside node: what
 * node:crypto cannot ask it for. All arithmetic runs on libuv's thread pool. See
 * docs/decisions/0009-digest-signing.md.
 */
#include "signature-scheme.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SIGNATURE 8192

struct job {
  struct work work;
  EVP_PKEY *key;
  struct form form;
  size_t input_length;
  unsigned char input[MAX_DIGEST];
  size_t signature_length;
  unsigned char *signature;
  enum { RIGHT, WRONG, REFUSED } outcome;
};

static void free_key(napi_env env, void *key, void *hint) {
  (void)env;
  (void)hint;
  EVP_PKEY_free(key);
}

static napi_value key_handle_of(napi_env env, EVP_PKEY *key) {
  if (key != NULL) return handle_of(env, key, &PKEY_HANDLE, free_key);
  ERR_clear_error();
  return refuse(env, "not a key");
}

/* The one argument, a buffer. */
static int read_der(napi_env env, napi_callback_info info, const unsigned char **der, long *length) {
  napi_value argument;
  size_t count = 1, size;
  unsigned char *bytes;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
      !bytes_of(env, argument, &bytes, &size)) {
    return 0;
  }
  *der = bytes;
  *length = (long)size;
  return 1;
}

/* (PKCS#8 DER) -> handle; the caller zeroes the buffer. */
static napi_value import_private_key(napi_env env, napi_callback_info info) {
  const unsigned char *der;
  long length;
  if (!read_der(env, info, &der, &length)) return refuse(env, "a buffer is needed");
  return key_handle_of(env, d2i_AutoPrivateKey(NULL, &der, length));
}

/* (SubjectPublicKeyInfo DER) -> handle. */
static napi_value import_public_key(napi_env env, napi_callback_info info) {
  const unsigned char *der;
  long length;
  if (!read_der(env, info, &der, &length)) return refuse(env, "a buffer is needed");
  return key_handle_of(env, d2i_PUBKEY(NULL, &der, length));
}

/* On a thread of the pool. */
static void execute(napi_env env, void *given) {
  struct job *job = given;
  EVP_PKEY_CTX *context = context_of(job->key, &job->form, 1);
  (void)env;
  /* OpenSSL has negative answers for signatures that are not even well formed. */
  job->outcome = context == NULL ? REFUSED
                 : EVP_PKEY_verify(context, job->signature, job->signature_length, job->input,
                                   job->input_length) == 1
                     ? RIGHT
                     : WRONG;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
}

static void free_job(struct job *job) {
  EVP_PKEY_free(job->key);
  free(job->signature);
  free(job);
}

static void complete(napi_env env, napi_status status, void *given) {
  struct job *job = given;
  napi_value answer;
  int done = status == napi_ok && job->outcome != REFUSED &&
             napi_get_boolean(env, job->outcome == RIGHT, &answer) == napi_ok;
  settle(env, &job->work, done ? answer : NULL);
  free_job(job);
}

/* (handle, scheme, digest bits, input, signature) -> promise of whether it is right */
static napi_value verify(napi_env env, napi_callback_info info) {
  napi_value arguments[5], promise;
  size_t count = 5, input_length, signature_length;
  unsigned char *input, *signature;
  uint32_t scheme, digest_bits;
  struct form form;
  EVP_PKEY *key;
  struct job *job;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 5 ||
      (key = held_by(env, arguments[0], &PKEY_HANDLE)) == NULL ||
      napi_get_value_uint32(env, arguments[1], &scheme) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &digest_bits) != napi_ok ||
      !read_form(scheme, digest_bits, 0, &form) ||
      !bytes_of(env, arguments[3], &input, &input_length) || input_length > MAX_DIGEST ||
      !bytes_of(env, arguments[4], &signature, &signature_length) ||
      signature_length > MAX_SIGNATURE || EVP_PKEY_up_ref(key) != 1) {
    return refuse(env, "arguments");
  }
  job = calloc(1, sizeof *job);
  if (job == NULL) {
    EVP_PKEY_free(key);
    return refuse(env, "no memory");
  }
  job->key = key;
  job->form = form;
  job->input_length = input_length;
  /* An empty buffer may have no address. */
  if (input_length > 0) memcpy(job->input, input, input_length);
  job->signature_length = signature_length;
  job->signature = malloc(signature_length > 0 ? signature_length : 1);
  if (job->signature == NULL) {
    free_job(job);
    return refuse(env, "no memory");
  }
  if (signature_length > 0) memcpy(job->signature, signature, signature_length);
  if ((promise = queued(env, "keyhold:verifying", execute, complete, job, &job->work)) == NULL) {
    free_job(job);
  }
  return promise;
}

int define_verifying(napi_env env, napi_value exports) {
  napi_property_descriptor properties[] = {
      {"importPrivateKey", NULL, import_private_key, NULL, NULL, NULL, napi_enumerable, NULL},
      {"importPublicKey", NULL, import_public_key, NULL, NULL, NULL, napi_enumerable, NULL},
      {"verify", NULL, verify, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  return napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) ==
         napi_ok;
}
