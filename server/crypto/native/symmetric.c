/*
 * Symmetric cryptography of the hot path, each in one call: HMAC-SHA-256 (FIPS 198-1) that gives the key of
 * an AES-256-GCM message (SP 800-38D), and the HMAC over hashes that is a Signature Version 4. What is
 * derived, and from what, is decided in JavaScript. See docs/decisions/0013-one-call-cryptography.md.
 */
#include "add-on.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define HASH 32
#define HEX (2 * HASH)
#define IV 12
#define TAG 16
/* Longer texts get memory of their own. */
#define SHORT_TEXT 8192
#define MAX_TEXT (1 << 20)

/* Of one environment of node: all of it is used on its thread alone. */
struct state {
  EVP_MAC *hmac;
  EVP_CIPHER *gcm;
  EVP_MD *sha256;
  EVP_CIPHER_CTX *cipher;
  EVP_MD_CTX *digest;
};

static void free_state(napi_env env, void *given, void *hint) {
  struct state *state = given;
  (void)env;
  (void)hint;
  EVP_CIPHER_CTX_free(state->cipher);
  EVP_MD_CTX_free(state->digest);
  EVP_MAC_free(state->hmac);
  EVP_CIPHER_free(state->gcm);
  EVP_MD_free(state->sha256);
  free(state);
}

/* OpenSSL zeroes the key within when it frees the context. */
static void free_key(napi_env env, void *key, void *hint) {
  (void)env;
  (void)hint;
  EVP_MAC_CTX_free(key);
}

static struct state *state_of(napi_env env) {
  void *state = NULL;
  return napi_get_instance_data(env, &state) == napi_ok ? state : NULL;
}

static EVP_MAC_CTX *key_of(napi_env env, napi_value value) {
  return held_by(env, value, &MAC_HANDLE);
}

/* (key bytes) -> handle; the caller zeroes the buffer. */
static napi_value import_secret_key(napi_env env, napi_callback_info info) {
  struct state *state = state_of(env);
  napi_value argument;
  size_t count = 1, length;
  unsigned char *bytes;
  EVP_MAC_CTX *key;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
                             OSSL_PARAM_END};
  if (state == NULL || napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok ||
      count != 1 || !bytes_of(env, argument, &bytes, &length) || length == 0) {
    return refuse(env, "arguments");
  }
  key = EVP_MAC_CTX_new(state->hmac);
  if (key == NULL || EVP_MAC_init(key, bytes, length, parameters) != 1) {
    EVP_MAC_CTX_free(key);
    ERR_clear_error();
    return refuse(env, "OpenSSL refused");
  }
  return handle_of(env, key, &MAC_HANDLE, free_key);
}

static int hmac(EVP_MAC_CTX *key, const unsigned char *message, size_t length, unsigned char *out) {
  size_t written = 0;
  return EVP_MAC_init(key, NULL, 0, NULL) == 1 && EVP_MAC_update(key, message, length) == 1 &&
         EVP_MAC_final(key, out, &written, HASH) == 1 && written == HASH;
}

/* … IV ‖ ciphertext ‖ tag, and the plaintext: one of both is to be filled in. */
struct message {
  struct state *state;
  EVP_MAC_CTX *key;
  unsigned char *derivation, *associated, *iv, *body, *plaintext;
  size_t derivation_length, associated_length, length;
};

/* Reads (key, derivation, associated, message, place of the IV, plaintext). */
static int read_message(napi_env env, napi_callback_info info, struct message *read) {
  napi_value arguments[6];
  size_t count = 6, message_length;
  unsigned char *message;
  uint32_t iv_at;
  if ((read->state = state_of(env)) == NULL ||
      napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count != 6 ||
      (read->key = key_of(env, arguments[0])) == NULL ||
      !bytes_of(env, arguments[1], &read->derivation, &read->derivation_length) ||
      !bytes_of(env, arguments[2], &read->associated, &read->associated_length) ||
      !bytes_of(env, arguments[3], &message, &message_length) ||
      napi_get_value_uint32(env, arguments[4], &iv_at) != napi_ok ||
      !bytes_of(env, arguments[5], &read->plaintext, &read->length) ||
      read->length > INT_MAX - TAG || read->associated_length > INT_MAX ||
      message_length != (size_t)iv_at + IV + read->length + TAG) {
    return 0;
  }
  read->iv = message + iv_at;
  read->body = read->iv + IV;
  return 1;
}

/* Sets the cipher up with the derived key, the IV and the associated data. */
static int begin(const struct message *message, int encrypts) {
  struct state *state = message->state;
  unsigned char derived[HASH];
  int length;
  int done = hmac(message->key, message->derivation, message->derivation_length, derived) &&
             EVP_CipherInit_ex2(state->cipher, state->gcm, derived, message->iv, encrypts, NULL) == 1 &&
             (message->associated_length == 0 ||
              EVP_CipherUpdate(state->cipher, NULL, &length, message->associated,
                               (int)message->associated_length) == 1);
  OPENSSL_cleanse(derived, sizeof derived);
  return done;
}

static int update(const struct message *message, unsigned char *out, const unsigned char *in) {
  int written;
  if (message->length == 0) return 1;
  return EVP_CipherUpdate(message->state->cipher, out, &written, in, (int)message->length) == 1 &&
         (size_t)written == message->length;
}

/* Leaves no key behind in the context. */
static void end(const struct message *message) {
  EVP_CIPHER_CTX_reset(message->state->cipher);
  ERR_clear_error();
}

/* Fills in ciphertext and tag. */
static napi_value seal(napi_env env, napi_callback_info info) {
  struct message message;
  unsigned char *tag;
  int rest, done;
  if (!read_message(env, info, &message)) return refuse(env, "arguments");
  tag = message.body + message.length;
  done = begin(&message, 1) && update(&message, message.body, message.plaintext) &&
         EVP_CipherFinal_ex(message.state->cipher, tag, &rest) == 1 && rest == 0 &&
         EVP_CIPHER_CTX_ctrl(message.state->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, tag) == 1;
  end(&message);
  return done ? NULL : refuse(env, "OpenSSL refused");
}

/* Fills in the plaintext; answers whether the message is authentic, and zeroes it where not. */
static napi_value open_message(napi_env env, napi_callback_info info) {
  struct message message;
  napi_value answer;
  unsigned char last[TAG];
  int rest, ready, authentic;
  if (!read_message(env, info, &message)) return refuse(env, "arguments");
  ready = begin(&message, 0) &&
          EVP_CIPHER_CTX_ctrl(message.state->cipher, EVP_CTRL_AEAD_SET_TAG, TAG,
                              message.body + message.length) == 1;
  authentic = ready && update(&message, message.plaintext, message.body) &&
              EVP_CipherFinal_ex(message.state->cipher, last, &rest) == 1;
  if (!authentic && message.length > 0) OPENSSL_cleanse(message.plaintext, message.length);
  end(&message);
  if (!ready) return refuse(env, "OpenSSL refused");
  return napi_get_boolean(env, authentic, &answer) == napi_ok ? answer : NULL;
}

static int sha256(struct state *state, const void *bytes, size_t length, unsigned char *out) {
  unsigned int written = 0;
  return EVP_DigestInit_ex2(state->digest, state->sha256, NULL) == 1 &&
         (length == 0 || EVP_DigestUpdate(state->digest, bytes, length) == 1) &&
         EVP_DigestFinal_ex(state->digest, out, &written) == 1 && written == HASH;
}

static void put_hex(const unsigned char *hash, char *out) {
  static const char digits[] = "0123456789abcdef";
  for (int at = 0; at < HASH; at++) {
    out[2 * at] = digits[hash[at] >> 4];
    out[2 * at + 1] = digits[hash[at] & 15];
  }
}

/* The text as Latin-1 with room for a hash behind it: in `small`, or in memory to be freed. */
static char *text_of(napi_env env, napi_value value, char *small, size_t *length) {
  char *text = small;
  if (napi_get_value_string_latin1(env, value, NULL, 0, length) != napi_ok || *length > MAX_TEXT) {
    return NULL;
  }
  if (*length > SHORT_TEXT) text = malloc(*length + HEX + 1);
  if (text != NULL &&
      napi_get_value_string_latin1(env, value, text, *length + 1, length) != napi_ok) {
    if (text != small) free(text);
    return NULL;
  }
  return text;
}

/* Puts the hash of `bytes` behind the text, in hexadecimal digits. */
static int put_hash(struct state *state, char *text, size_t *length, const void *bytes, size_t count) {
  unsigned char hash[HASH];
  if (!sha256(state, bytes, count, hash)) return 0;
  put_hex(hash, text + *length);
  *length += HEX;
  return 1;
}

/* (key, text, body, prefix, signature) -> is it HMAC(key, prefix ‖ hash(text ‖ hash(body)))? */
static napi_value is_request_signature(napi_env env, napi_callback_info info) {
  struct state *state = state_of(env);
  char small_text[SHORT_TEXT + HEX + 1], small_prefix[SHORT_TEXT + HEX + 1], given[HEX + 2], right[HEX];
  char *text = NULL, *prefix = NULL;
  napi_value arguments[5], answer;
  size_t count = 5, body_length, text_length, prefix_length, given_length;
  unsigned char *body, mac[HASH];
  EVP_MAC_CTX *key;
  int done;
  if (state == NULL || napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      count != 5 || (key = key_of(env, arguments[0])) == NULL ||
      !bytes_of(env, arguments[2], &body, &body_length) ||
      napi_get_value_string_latin1(env, arguments[4], given, sizeof given, &given_length) != napi_ok) {
    return refuse(env, "arguments");
  }
  text = text_of(env, arguments[1], small_text, &text_length);
  prefix = text_of(env, arguments[3], small_prefix, &prefix_length);
  done = text != NULL && prefix != NULL && put_hash(state, text, &text_length, body, body_length) &&
         put_hash(state, prefix, &prefix_length, text, text_length) &&
         hmac(key, (const unsigned char *)prefix, prefix_length, mac);
  if (text != small_text) free(text);
  if (prefix != small_prefix) free(prefix);
  if (!done) {
    ERR_clear_error();
    return refuse(env, "arguments");
  }
  put_hex(mac, right);
  done = given_length == HEX && CRYPTO_memcmp(right, given, HEX) == 0;
  OPENSSL_cleanse(mac, sizeof mac);
  OPENSSL_cleanse(right, sizeof right);
  return napi_get_boolean(env, done, &answer) == napi_ok ? answer : NULL;
}

int define_symmetric(napi_env env, napi_value exports) {
  napi_property_descriptor properties[] = {
      {"importSecretKey", NULL, import_secret_key, NULL, NULL, NULL, napi_enumerable, NULL},
      {"seal", NULL, seal, NULL, NULL, NULL, napi_enumerable, NULL},
      {"open", NULL, open_message, NULL, NULL, NULL, napi_enumerable, NULL},
      {"isRequestSignature", NULL, is_request_signature, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  struct state *state = calloc(1, sizeof *state);
  if (state == NULL) return 0;
  state->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  state->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
  state->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  state->cipher = EVP_CIPHER_CTX_new();
  state->digest = EVP_MD_CTX_new();
  if (state->hmac == NULL || state->gcm == NULL || state->sha256 == NULL || state->cipher == NULL ||
      state->digest == NULL || napi_set_instance_data(env, state, free_state, NULL) != napi_ok) {
    free_state(env, state, NULL);
    return 0;
  }
  return napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) ==
         napi_ok;
}
