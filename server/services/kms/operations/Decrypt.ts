// https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
import type { Call } from '../../../contract/call.ts'
import { AccessDeniedException, DryRunOperationException } from '../../../contract/errors.ts'
import { type Awaitable, after, Missing } from '../../../contract/operation.ts'
import { type Checked, oneOf } from '../../../schema/limits.ts'
import { attest, forRecipient, recordedRecipient } from '../attestation/recipient.ts'
import {
  DisabledException,
  IncorrectKeyException,
  InvalidCiphertextException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import { keyArn } from '../keys/key-reference.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { CIPHERTEXT, DRY_RUN_MODIFIERS, GRANT_TOKENS, KEY_ID, RECIPIENT } from '../limits.ts'
import { type CiphertextBlob, readBlob } from '../material/ciphertext-blob.ts'
import { type Ciphertext, decryptUnder, requireFittingContext } from '../material/encryption.ts'
import { requireContext } from '../material/symmetric.ts'
import type { KmsAttested, KmsStores } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { requireMember } from '../required-member.ts'
import { noteUse } from '../usage/noted.ts'
import {
  type DecryptRequest,
  type DecryptResponse,
  EncryptionAlgorithmSpec,
  kmsSchema,
} from '../wire.ts'

/** Without a ciphertext where a dry run asks about the key alone. */
type Target = { readonly key: Key; readonly ciphertext: Ciphertext | undefined }

/** AWS's words where the caller named no key and may not use the one in the ciphertext. */
export const UNREACHABLE =
  'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.'

export const Decrypt: KmsAttested<DecryptRequest, DecryptResponse, Target> = {
  schema: kmsSchema('Decrypt'),
  limits: {
    CiphertextBlob: CIPHERTEXT,
    GrantTokens: GRANT_TOKENS,
    KeyId: KEY_ID,
    EncryptionAlgorithm: oneOf(EncryptionAlgorithmSpec),
    DryRunModifiers: DRY_RUN_MODIFIERS,
    Recipient: RECIPIENT,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidCiphertextException,
    IncorrectKeyException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target: (input, call) =>
    input.Recipient === undefined
      ? targetOf(input, call)
      : attest(input.Recipient, call).then(() => targetOf(input, call)),
  demands(target, input, call) {
    const key = target instanceof Missing ? target : target.key
    const denial = input.KeyId === undefined ? UNREACHABLE : undefined
    return [keyDemand('kms:Decrypt', key, call, input, denial)]
  },
  usage: (target, _input, call) =>
    draw(cryptographicQuota(target instanceof Missing ? target : target.key), call),
  resources: (target) => keyResources(target.key),
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'EncryptionAlgorithm', 'DryRun', 'DryRunModifiers'],
    showOutput: [],
  },
  additionalEventData: recordedRecipient,
  used: ({ key }, call, eventIdOf) => noteUse(key, 'Decrypt', call, eventIdOf),
  handle(input, { key, ciphertext }, call) {
    requireUsable(key)
    requireUsage(key, 'ENCRYPT_DECRYPT', 'Decrypt')
    const algorithm = requireAlgorithm(
      key,
      'ENCRYPT_DECRYPT',
      input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    )
    if (ciphertext === undefined) {
      requireFittingContext(algorithm, input.EncryptionContext)
      throw new DryRunOperationException()
    }
    const decrypted = decryptUnder(key, algorithm, ciphertext, input.EncryptionContext, call)
    return after(decrypted, ({ plaintext, materialId }) => {
      const output = {
        KeyId: key.arn,
        Plaintext: plaintext,
        EncryptionAlgorithm: algorithm,
        ...(materialId !== undefined && { KeyMaterialId: materialId }),
      }
      return forRecipient(input.Recipient, output, 'Plaintext')
    })
  },
}

function targetOf(
  input: Checked<DecryptRequest>,
  call: Call<KmsStores>,
): Awaitable<Target | Missing> {
  requireContext(input.EncryptionContext)
  if (ignoresCiphertext(input)) {
    const given = requireMember(input.KeyId, 'keyId')
    return after(findKey(given, call, 'cryptographic'), (key) =>
      key instanceof Missing ? key : { key, ciphertext: undefined },
    )
  }
  const bytes = requireMember(input.CiphertextBlob, 'ciphertextBlob')
  const blob = readBlob(bytes)
  const found =
    input.KeyId === undefined
      ? findKeyOfBlob(blob, call)
      : findKey(input.KeyId, call, 'cryptographic')
  return after(found, (key) =>
    key instanceof Missing ? key : { key, ciphertext: { bytes, blob } },
  )
}

/** Whether the call is a dry run about keys alone. Modifiers count for nothing in any other call. */
export function ignoresCiphertext({
  DryRun: isDry,
  DryRunModifiers: modifiers,
}: Pick<DecryptRequest, 'DryRun' | 'DryRunModifiers'>): boolean {
  return isDry === true && modifiers?.includes('IGNORE_CIPHERTEXT') === true
}

/** The key that a blob names; to whoever may not use it, it does not exist. */
export function findKeyOfBlob(
  blob: CiphertextBlob | undefined,
  call: Call<KmsStores>,
): Awaitable<Key | Missing> {
  if (blob === undefined) throw new InvalidCiphertextException()
  const arn = keyArn({ region: call.region, account: blob.account }, blob.keyId)
  return after(findKey(arn, call, 'cryptographic'), (key) =>
    key instanceof Missing
      ? new Missing(key.resource, key.owner, new AccessDeniedException(UNREACHABLE))
      : key,
  )
}
