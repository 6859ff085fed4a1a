// CMS EnvelopedData (RFC 5652 §6) for the holder of one RSA key, to the byte in the form in which AWS KMS
// answers enclaves: BER with indefinite lengths, RSAES-OAEP (RFC 4055 §4.1) and AES-256-CBC (RFC 3565).
import { createCipheriv, createPublicKey } from 'node:crypto'
import { elementAt, elements } from './der.ts'
import { der, indefinite, objectIdentifier, TAG } from './der-writing.ts'
import { sha256 } from './digest.ts'
import { encryptOaep } from './encryption.ts'
import { exportPublicKey, type PublicKey } from './key-pair.ts'
import { randomBytes, randomNonce } from './random.ts'

const MIN_MODULUS_BITS = 2048
/** Larger ones would make every answer cost what a private operation does. */
const MAX_EXPONENT = 0xffff_ffffn
const IV_BYTES = 16

const SHA_256 = der(TAG.sequence, objectIdentifier('2.16.840.1.101.3.4.2.1'), der(TAG.null))
const MGF1_SHA_256 = der(TAG.sequence, objectIdentifier('1.2.840.113549.1.1.8'), SHA_256)
const OAEP_SHA_256 = der(
  TAG.sequence,
  objectIdentifier('1.2.840.113549.1.1.7'),
  der(TAG.sequence, der(TAG.context(0), SHA_256), der(TAG.context(1), MGF1_SHA_256)),
)
const ENVELOPED_DATA = objectIdentifier('1.2.840.113549.1.7.3')
const DATA = objectIdentifier('1.2.840.113549.1.7.1')
const AES_256_CBC = objectIdentifier('2.16.840.1.101.3.4.1.42')
/** Of the message and of its recipient, whom a subjectKeyIdentifier names. */
const VERSION = der(TAG.integer, Buffer.of(2))
const SUBJECT_KEY_IDENTIFIER = 0x80

/** Nobody could decrypt under even numbers, and OpenSSL does not encrypt under an even modulus. */
function isOdd(spki: Buffer): boolean {
  const [modulus, exponent] = elements(elementAt(elementAt(spki, 0, 1).subarray(1), 0))
  return [modulus, exponent].every((number) => ((number?.at(-1) ?? 0) & 1) === 1)
}

/** An RSA key of at least 2048 bits from DER SubjectPublicKeyInfo; nothing where it is none. */
export function readRecipientKey(spki: Uint8Array): PublicKey | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
    const isFit =
      key.asymmetricKeyType === 'rsa' &&
      modulusLength >= MIN_MODULUS_BITS &&
      publicExponent >= 3n &&
      publicExponent <= MAX_EXPONENT
    const written = exportPublicKey(key)
    // OpenSSL passes over bytes behind the key.
    return isFit && isOdd(written) && written.equals(spki) ? key : undefined
  } catch {
    return undefined
  }
}

/** The plaintext, for the holder of the private key alone. */
export function envelop(recipient: PublicKey, plaintext: Uint8Array): Buffer {
  const contentKey = randomBytes(32)
  const iv = randomNonce(IV_BYTES)
  try {
    const cipher = createCipheriv('aes-256-cbc', contentKey, iv)
    const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()])
    const recipientInfo = keyTransport(recipient, contentKey)
    const content = indefinite(
      TAG.sequence,
      DATA,
      der(TAG.sequence, AES_256_CBC, der(TAG.octetString, iv)),
      indefinite(TAG.context(0), der(TAG.octetString, encrypted)),
    )
    const enveloped = indefinite(TAG.sequence, VERSION, der(TAG.set, recipientInfo), content)
    return indefinite(TAG.sequence, ENVELOPED_DATA, indefinite(TAG.context(0), enveloped))
  } finally {
    contentKey.fill(0)
  }
}

/** KeyTransRecipientInfo (§6.2.1); the identifier is that of RFC 7093 §2, method 4. */
function keyTransport(recipient: PublicKey, contentKey: Uint8Array): Buffer {
  return der(
    TAG.sequence,
    VERSION,
    der(SUBJECT_KEY_IDENTIFIER, sha256(exportPublicKey(recipient))),
    OAEP_SHA_256,
    der(TAG.octetString, encryptOaep(recipient, 'RSAES_OAEP_SHA_256', contentKey)),
  )
}
