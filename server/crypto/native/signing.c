/*
 * Signatures, several in one piece of work for libuv's thread pool: handing work over to another thread and
 * back costs more than everything else about a signature but its arithmetic. See docs/signing-speed.md.
 */
#include "signature-scheme.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

/* More wait for the next piece of work. */
#define MAX_TASKS 64

struct task {
  EVP_PKEY *key;
  struct form form;
  size_t input_length;
  unsigned char *input;
  /* NULL where OpenSSL refused. */
  unsigned char *signature;
  size_t signature_length;
};

struct batch {
  struct work work;
  uint32_t count;
  struct task tasks[];
};

static void free_batch(struct batch *batch) {
  for (uint32_t at = 0; at < batch->count; at++) {
    struct task *task = &batch->tasks[at];
    EVP_PKEY_free(task->key);
    /* What is signed may be nobody else's business. */
    if (task->input != NULL) OPENSSL_cleanse(task->input, task->input_length);
    free(task->input);
    free(task->signature);
  }
  free(batch);
}

static int is_alike(const struct task *one, const struct task *other) {
  return one->key == other->key && one->form.scheme == other->form.scheme &&
         one->form.md == other->form.md && one->form.is_whole == other->form.is_whole;
}

/* What serves one task after the other while key and form are the same. */
struct signer {
  EVP_PKEY_CTX *context;
  /* Fetched once: with EVP_sha256() and its like OpenSSL looks it up for every message. */
  EVP_MD *md;
};

static void end_signer(struct signer *signer) {
  EVP_PKEY_CTX_free(signer->context);
  EVP_MD_free(signer->md);
  signer->context = NULL;
  signer->md = NULL;
}

static int begin_signer(struct signer *signer, const struct task *task) {
  signer->context = context_of(task->key, &task->form, 0);
  signer->md = EVP_MD_fetch(NULL, EVP_MD_get0_name(task->form.md), NULL);
  return signer->context != NULL && signer->md != NULL;
}

static int sign_by(const struct signer *signer, struct task *task) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_length;
  const unsigned char *input = task->input;
  size_t input_length = task->input_length;
  int size = EVP_PKEY_get_size(task->key);
  if (size <= 0 || (task->signature = malloc((size_t)size)) == NULL) return 0;
  task->signature_length = (size_t)size;
  if (task->form.is_whole && task->form.scheme != ML_DSA) {
    if (EVP_Digest(input, input_length, digest, &digest_length, signer->md, NULL) != 1) return 0;
    input = digest;
    input_length = digest_length;
  }
  return EVP_PKEY_sign(signer->context, task->signature, &task->signature_length, input,
                       input_length) == 1;
}

/* On a thread of the pool. */
static void execute(napi_env env, void *given) {
  struct batch *batch = given;
  struct signer signer = {NULL, NULL};
  (void)env;
  for (uint32_t at = 0; at < batch->count; at++) {
    struct task *task = &batch->tasks[at];
    if (signer.context != NULL && !is_alike(task, task - 1)) end_signer(&signer);
    if ((signer.context != NULL || begin_signer(&signer, task)) && sign_by(&signer, task)) continue;
    /* The others have a chance of their own. */
    free(task->signature);
    task->signature = NULL;
    end_signer(&signer);
    ERR_clear_error();
  }
  end_signer(&signer);
  ERR_clear_error();
}

/* An array with a Buffer for each task, or undefined where OpenSSL refused. */
static int answer_of(napi_env env, const struct batch *batch, napi_value *answer) {
  if (napi_create_array_with_length(env, batch->count, answer) != napi_ok) return 0;
  for (uint32_t at = 0; at < batch->count; at++) {
    const struct task *task = &batch->tasks[at];
    napi_value signature;
    napi_status made = task->signature == NULL
                           ? napi_get_undefined(env, &signature)
                           : napi_create_buffer_copy(env, task->signature_length, task->signature,
                                                     NULL, &signature);
    if (made != napi_ok || napi_set_element(env, *answer, at, signature) != napi_ok) return 0;
  }
  return 1;
}

static void complete(napi_env env, napi_status status, void *given) {
  struct batch *batch = given;
  napi_value answer;
  int done = status == napi_ok && answer_of(env, batch, &answer);
  settle(env, &batch->work, done ? answer : NULL);
  free_batch(batch);
}

/* Reads [handle, scheme, digest bits, whether the message is whole, message], and copies the message. */
static int read_task(napi_env env, napi_value given, struct task *task) {
  napi_value parts[5];
  unsigned char *input;
  uint32_t scheme, digest_bits;
  bool is_whole;
  EVP_PKEY *key;
  for (uint32_t at = 0; at < 5; at++) {
    if (napi_get_element(env, given, at, &parts[at]) != napi_ok) return 0;
  }
  if ((key = held_by(env, parts[0], &PKEY_HANDLE)) == NULL ||
      napi_get_value_uint32(env, parts[1], &scheme) != napi_ok ||
      napi_get_value_uint32(env, parts[2], &digest_bits) != napi_ok ||
      napi_get_value_bool(env, parts[3], &is_whole) != napi_ok ||
      !read_form(scheme, digest_bits, is_whole, &task->form) ||
      !bytes_of(env, parts[4], &input, &task->input_length) ||
      (!is_whole && task->input_length > MAX_DIGEST) || EVP_PKEY_up_ref(key) != 1) {
    return 0;
  }
  task->key = key;
  task->input = malloc(task->input_length > 0 ? task->input_length : 1);
  if (task->input == NULL) return 0;
  /* An empty buffer may have no address. */
  if (task->input_length > 0) memcpy(task->input, input, task->input_length);
  return 1;
}

/* (array of tasks) -> promise of an array of signatures */
static napi_value sign(napi_env env, napi_callback_info info) {
  napi_value tasks, task, promise;
  size_t arguments = 1;
  uint32_t count;
  struct batch *batch;
  if (napi_get_cb_info(env, info, &arguments, &tasks, NULL, NULL) != napi_ok || arguments != 1 ||
      napi_get_array_length(env, tasks, &count) != napi_ok || count == 0 || count > MAX_TASKS) {
    return refuse(env, "arguments");
  }
  batch = calloc(1, sizeof *batch + count * sizeof *batch->tasks);
  if (batch == NULL) return refuse(env, "no memory");
  batch->count = count;
  for (uint32_t at = 0; at < count; at++) {
    if (napi_get_element(env, tasks, at, &task) != napi_ok ||
        !read_task(env, task, &batch->tasks[at])) {
      free_batch(batch);
      return refuse(env, "arguments");
    }
  }
  if ((promise = queued(env, "keyhold:signing", execute, complete, batch, &batch->work)) == NULL) {
    free_batch(batch);
  }
  return promise;
}

int define_signing(napi_env env, napi_value exports) {
  napi_property_descriptor properties[] = {
      {"sign", NULL, sign, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  return napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) ==
         napi_ok;
}
