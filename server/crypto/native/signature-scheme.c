/*
 * How a signature is made: ECDSA and RSA over a ready digest (FIPS 186-5, RFC 8017), Ed25519ph (RFC 8032),
 * ML-DSA over a message or an external mu (FIPS 204). See docs/decisions/0009-digest-signing.md.
 */
#include "signature-scheme.h"

#include <openssl/rsa.h>

int read_form(uint32_t scheme, uint32_t digest_bits, int is_whole, struct form *form) {
  const EVP_MD *md = digest_bits == 256   ? EVP_sha256()
                     : digest_bits == 384 ? EVP_sha384()
                     : digest_bits == 512 ? EVP_sha512()
                                          : NULL;
  /* KMS knows no Ed25519ph over whole messages. */
  if (scheme >= SCHEMES || md == NULL || (scheme == ED25519_PH && is_whole)) return 0;
  form->scheme = (enum scheme)scheme;
  form->md = md;
  form->is_whole = is_whole;
  return 1;
}

/* Of schemes that are signatures of their own to OpenSSL, not a key's operation with parameters. */
static int prepare_named(EVP_PKEY_CTX *context, EVP_PKEY *key, const struct form *form, int verifies) {
  int is_mu = !form->is_whole;
  OSSL_PARAM mu[] = {OSSL_PARAM_construct_int("mu", &is_mu), OSSL_PARAM_END};
  const char *name = form->scheme == ED25519_PH ? "ED25519ph" : EVP_PKEY_get0_type_name(key);
  EVP_SIGNATURE *signature = name == NULL ? NULL : EVP_SIGNATURE_fetch(NULL, name, NULL);
  int ready;
  if (signature == NULL) return 0;
  if (form->scheme == ML_DSA) {
    ready = verifies ? EVP_PKEY_verify_message_init(context, signature, mu)
                     : EVP_PKEY_sign_message_init(context, signature, mu);
  } else {
    ready = verifies ? EVP_PKEY_verify_init_ex2(context, signature, NULL)
                     : EVP_PKEY_sign_init_ex2(context, signature, NULL);
  }
  EVP_SIGNATURE_free(signature);
  return ready > 0;
}

static int prepare(EVP_PKEY_CTX *context, EVP_PKEY *key, const struct form *form, int verifies) {
  if (form->scheme == ED25519_PH || form->scheme == ML_DSA) {
    return prepare_named(context, key, form, verifies);
  }
  if ((verifies ? EVP_PKEY_verify_init(context) : EVP_PKEY_sign_init(context)) <= 0) return 0;
  if (form->scheme == RSA_PKCS1 &&
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) <= 0) {
    return 0;
  }
  if (form->scheme == RSA_PSS &&
      (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) <= 0 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) <= 0)) {
    return 0;
  }
  return EVP_PKEY_CTX_set_signature_md(context, form->md) > 0;
}

EVP_PKEY_CTX *context_of(EVP_PKEY *key, const struct form *form, int verifies) {
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
  if (context != NULL && prepare(context, key, form, verifies)) return context;
  EVP_PKEY_CTX_free(context);
  return NULL;
}
