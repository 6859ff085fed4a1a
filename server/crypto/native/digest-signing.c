/*
 * Signatures over what is already hashed, by the OpenSSL inside node: what node:crypto cannot ask it
 * for. ECDSA and RSA over a ready digest (FIPS 186-5), Ed25519ph (RFC 8032), ML-DSA over an external mu
 * (FIPS 204 section 6.2). All arithmetic runs on libuv's thread pool. See docs/decisions/0009.
 */
#include "add-on.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The numbers are those of `native/binding.ts`. */
enum scheme { ECDSA = 0, RSA_PKCS1 = 1, RSA_PSS = 2, ED25519_PH = 3, ML_DSA_MU = 4, SCHEMES = 5 };

#define MAX_DIGEST 64
#define MAX_SIGNATURE 8192

struct job {
  napi_async_work work;
  napi_deferred deferred;
  EVP_PKEY *key;
  enum scheme scheme;
  const EVP_MD *md;
  int verifies;
  size_t input_length;
  unsigned char input[MAX_DIGEST];
  size_t signature_length;
  unsigned char *signature;
  /* 1 done (or the signature is right), 0 the signature is wrong, -1 failed */
  int outcome;
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

/* (PKCS#8 DER) -> handle; the caller zeroes the buffer. */
static napi_value import_private_key(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1, length;
  unsigned char *bytes;
  const unsigned char *at;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
      !bytes_of(env, argument, &bytes, &length)) {
    return refuse(env, "a buffer is needed");
  }
  at = bytes;
  return key_handle_of(env, d2i_AutoPrivateKey(NULL, &at, (long)length));
}

/* (SubjectPublicKeyInfo DER) -> handle. */
static napi_value import_public_key(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1, length;
  unsigned char *bytes;
  const unsigned char *at;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
      !bytes_of(env, argument, &bytes, &length)) {
    return refuse(env, "a buffer is needed");
  }
  at = bytes;
  return key_handle_of(env, d2i_PUBKEY(NULL, &at, (long)length));
}

/* Makes the context ready to sign or verify by the scheme. */
static int prepare(struct job *job, EVP_PKEY_CTX *context) {
  int one = 1;
  OSSL_PARAM mu[] = {OSSL_PARAM_END, OSSL_PARAM_END};
  if (job->scheme == ED25519_PH || job->scheme == ML_DSA_MU) {
    const char *name =
        job->scheme == ED25519_PH ? "ED25519ph" : EVP_PKEY_get0_type_name(job->key);
    EVP_SIGNATURE *signature = EVP_SIGNATURE_fetch(NULL, name, NULL);
    int ready;
    if (signature == NULL) return 0;
    if (job->scheme == ML_DSA_MU) {
      mu[0] = OSSL_PARAM_construct_int("mu", &one);
      ready = job->verifies ? EVP_PKEY_verify_message_init(context, signature, mu)
                            : EVP_PKEY_sign_message_init(context, signature, mu);
    } else {
      ready = job->verifies ? EVP_PKEY_verify_init_ex2(context, signature, NULL)
                            : EVP_PKEY_sign_init_ex2(context, signature, NULL);
    }
    EVP_SIGNATURE_free(signature);
    return ready > 0;
  }
  if ((job->verifies ? EVP_PKEY_verify_init(context) : EVP_PKEY_sign_init(context)) <= 0) return 0;
  if (job->scheme == RSA_PKCS1 &&
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) <= 0) {
    return 0;
  }
  if (job->scheme == RSA_PSS &&
      (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) <= 0 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) <= 0)) {
    return 0;
  }
  return EVP_PKEY_CTX_set_signature_md(context, job->md) > 0;
}

static void execute(napi_env env, void *given) {
  struct job *job = given;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, job->key, NULL);
  (void)env;
  job->outcome = -1;
  if (context != NULL && prepare(job, context)) {
    if (job->verifies) {
      /* OpenSSL has negative answers for signatures that are not even well formed. */
      int right = EVP_PKEY_verify(context, job->signature, job->signature_length, job->input,
                                  job->input_length);
      job->outcome = right == 1 ? 1 : 0;
    } else {
      job->signature_length = MAX_SIGNATURE;
      job->signature = malloc(MAX_SIGNATURE);
      if (job->signature != NULL && EVP_PKEY_sign(context, job->signature, &job->signature_length,
                                                  job->input, job->input_length) == 1) {
        job->outcome = 1;
      }
    }
  }
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
  napi_value answer, message;
  int done = 0;
  if (status == napi_ok && job->outcome >= 0) {
    done = job->verifies
               ? napi_get_boolean(env, job->outcome == 1, &answer) == napi_ok
               : napi_create_buffer_copy(env, job->signature_length, job->signature, NULL,
                                         &answer) == napi_ok;
  }
  if (done) {
    napi_resolve_deferred(env, job->deferred, answer);
  } else {
    napi_create_string_utf8(env, "OpenSSL refused", NAPI_AUTO_LENGTH, &message);
    napi_create_error(env, NULL, message, &answer);
    napi_reject_deferred(env, job->deferred, answer);
  }
  napi_delete_async_work(env, job->work);
  free_job(job);
}

/* Reads (handle, scheme, digest bits, input[, signature]) and queues the job. */
static napi_value queue(napi_env env, napi_callback_info info, int verifies) {
  napi_value arguments[5], promise, name;
  size_t count = 5, input_length, signature_length = 0;
  unsigned char *input, *signature = NULL;
  uint32_t scheme, digest_bits;
  EVP_PKEY *key;
  struct job *job;
  const EVP_MD *md;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      count < (verifies ? 5u : 4u) || (key = held_by(env, arguments[0], &PKEY_HANDLE)) == NULL ||
      napi_get_value_uint32(env, arguments[1], &scheme) != napi_ok || scheme >= SCHEMES ||
      napi_get_value_uint32(env, arguments[2], &digest_bits) != napi_ok ||
      !bytes_of(env, arguments[3], &input, &input_length) || input_length > MAX_DIGEST ||
      (verifies && (!bytes_of(env, arguments[4], &signature, &signature_length) ||
                    signature_length > MAX_SIGNATURE))) {
    return refuse(env, "arguments");
  }
  md = digest_bits == 256   ? EVP_sha256()
       : digest_bits == 384 ? EVP_sha384()
       : digest_bits == 512 ? EVP_sha512()
                            : NULL;
  if (md == NULL || !EVP_PKEY_up_ref(key)) return refuse(env, "arguments");
  job = calloc(1, sizeof *job);
  if (job == NULL) {
    EVP_PKEY_free(key);
    return refuse(env, "no memory");
  }
  job->key = key;
  job->scheme = (enum scheme)scheme;
  job->md = md;
  job->verifies = verifies;
  job->input_length = input_length;
  /* An empty buffer may have no address. */
  if (input_length > 0) memcpy(job->input, input, input_length);
  if (verifies) {
    job->signature_length = signature_length;
    job->signature = malloc(signature_length > 0 ? signature_length : 1);
    if (job->signature == NULL) {
      free_job(job);
      return refuse(env, "no memory");
    }
    if (signature_length > 0) memcpy(job->signature, signature, signature_length);
  }
  if (napi_create_string_utf8(env, "keyhold:digest-signing", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_promise(env, &job->deferred, &promise) != napi_ok) {
    free_job(job);
    return refuse(env, "no promise");
  }
  if (napi_create_async_work(env, NULL, name, execute, complete, job, &job->work) != napi_ok) {
    free_job(job);
    return refuse(env, "no work");
  }
  if (napi_queue_async_work(env, job->work) != napi_ok) {
    napi_delete_async_work(env, job->work);
    free_job(job);
    return refuse(env, "not queued");
  }
  return promise;
}

static napi_value sign(napi_env env, napi_callback_info info) { return queue(env, info, 0); }

static napi_value verify(napi_env env, napi_callback_info info) { return queue(env, info, 1); }

int define_digest_signing(napi_env env, napi_value exports) {
  napi_property_descriptor properties[] = {
      {"importPrivateKey", NULL, import_private_key, NULL, NULL, NULL, napi_enumerable, NULL},
      {"importPublicKey", NULL, import_public_key, NULL, NULL, NULL, napi_enumerable, NULL},
      {"sign", NULL, sign, NULL, NULL, NULL, napi_enumerable, NULL},
      {"verify", NULL, verify, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  return napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) ==
         napi_ok;
}
