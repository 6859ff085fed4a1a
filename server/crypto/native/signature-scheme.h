/* How a signature is made: what signing and verifying share. */
#ifndef KEYHOLD_SIGNATURE_SCHEME_H
#define KEYHOLD_SIGNATURE_SCHEME_H

#include "add-on.h"

#include <openssl/evp.h>
#include <stdint.h>

/* The numbers are those of `native/binding.ts`. */
enum scheme { ECDSA = 0, RSA_PKCS1 = 1, RSA_PSS = 2, ED25519_PH = 3, ML_DSA = 4, SCHEMES = 5 };

/* Of digests and of an external mu. */
#define MAX_DIGEST 64

struct form {
  enum scheme scheme;
  const EVP_MD *md;
  /* Whether the input is a message that is to be hashed, and not yet its digest or mu. */
  int is_whole;
};

/* 0 where there is no such form. */
int read_form(uint32_t scheme, uint32_t digest_bits, int is_whole, struct form *form);

/* A context of the key, ready to sign or to verify in this form; NULL where OpenSSL refuses. */
EVP_PKEY_CTX *context_of(EVP_PKEY *key, const struct form *form, int verifies);

#endif
