// The ciphertext blob: what Encrypt and GenerateDataKey hand out and Decrypt takes back.
// Every version ever released stays readable; `docs/cryptography.md` has vectors.
import { needs } from '../../../crypto/needs.ts'
import { decryptOnce, encryptOnce, OVERHEAD_BYTES } from '../../../crypto/one-time-encryption.ts'
import type { SecretKey } from '../../../crypto/secret-key.ts'
import { associatedBytes, type EncryptionContext } from './encryption-context.ts'

/** Whose material a blob is under. Never a Region: a multi-Region key decrypts in all of its own. */
export type BlobKey = {
  /** Twelve digits. */
  readonly account: string
  /** A UUID, or `mrk-` and 32 hexadecimal digits. */
  readonly keyId: string
  /** 64 hexadecimal digits. */
  readonly materialId: string
}

export type CiphertextBlob = BlobKey & {
  /** All bytes up to the nonce; part of the associated data. */
  readonly header: Buffer
  /** nonce ‖ IV ‖ ciphertext ‖ tag. */
  readonly message: Uint8Array
}

// version (1) ‖ scheme (1) ‖ key id form (1) ‖ account (6) ‖ key id (16) ‖ material id (32)
const VERSION = 1
const SCHEME_SOFTWARE = 1
const FORM_UUID = 0
const FORM_MULTI_REGION = 1
const ACCOUNT_AT = 3
const KEY_ID_AT = 9
const MATERIAL_ID_AT = 25
const HEADER_BYTES = 57

/** The header of every blob under this material; worth keeping with the key. */
export function blobHeader(key: BlobKey): Buffer {
  const multiRegion = key.keyId.startsWith('mrk-')
  const keyIdHex = multiRegion ? key.keyId.slice(4) : key.keyId.replaceAll('-', '')
  // A blob header names an account, a key and a material, each in full.
  needs(
    /^[0-9]{12}$/.test(key.account) &&
      /^[0-9a-f]{32}$/.test(keyIdHex) &&
      /^[0-9a-f]{64}$/.test(key.materialId),
    'A blob header names an account, a key and a material, each in full.',
  )
  const header = Buffer.alloc(HEADER_BYTES)
  header[0] = VERSION
  header[1] = SCHEME_SOFTWARE
  header[2] = multiRegion ? FORM_MULTI_REGION : FORM_UUID
  header.writeUIntBE(Number(key.account), ACCOUNT_AT, 6)
  header.write(keyIdHex, KEY_ID_AT, 'hex')
  header.write(key.materialId, MATERIAL_ID_AT, 'hex')
  return header
}

/** Encrypts under the material that `header` names. */
export function sealBlob(
  material: SecretKey,
  header: Buffer,
  context: EncryptionContext | undefined,
  plaintext: Uint8Array,
): Buffer {
  const associated = associatedBytes(header, context)
  return encryptOnce(material, 'ciphertext', associated, plaintext, header)
}

/** Reads a blob's header, or nothing where it is not a blob of this server. */
export function readBlob(bytes: Uint8Array): CiphertextBlob | undefined {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (blob.length <= HEADER_BYTES + OVERHEAD_BYTES) return undefined
  if (blob[0] !== VERSION || blob[1] !== SCHEME_SOFTWARE) return undefined
  const form = blob[2]
  if (form !== FORM_UUID && form !== FORM_MULTI_REGION) return undefined
  const account = blob.readUIntBE(ACCOUNT_AT, 6)
  if (account > 999_999_999_999) return undefined
  const hex = blob.toString('hex', KEY_ID_AT, MATERIAL_ID_AT)
  return {
    account: String(account).padStart(12, '0'),
    keyId: form === FORM_MULTI_REGION ? `mrk-${hex}` : uuid(hex),
    materialId: blob.toString('hex', MATERIAL_ID_AT, HEADER_BYTES),
    header: blob.subarray(0, HEADER_BYTES),
    message: blob.subarray(HEADER_BYTES),
  }
}

/** The plaintext, or nothing where blob, material or context is not the one it was made with. */
export function openBlob(
  material: SecretKey,
  blob: CiphertextBlob,
  context: EncryptionContext | undefined,
): Buffer | undefined {
  const associated = associatedBytes(blob.header, context)
  return decryptOnce(material, 'ciphertext', associated, blob.message)
}

function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
