// Enclaves for tests: an authority of their own, documents of any shape, and a key to open answers with.
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecipientInfo } from '@aws-sdk/client-kms'
import { encode } from 'cbor2'
import { type Form, signedMessage } from '../../../crypto/testing/attestation-signing.ts'
import { authority, type Holder, pemOf, signer } from '../../../crypto/testing/certificates.ts'
import { openssl } from '../../../crypto/testing/openssl.ts'
import { refusal } from '../../../testing/refusal.ts'

/** Fields of a document by name; those that are undefined are left out. */
export type Fields = Readonly<Record<string, unknown>>

export type Enclave = {
  /** The fields of a document that is right, made now. */
  fields(changes?: Fields): Fields
  /** A signed document with these changes. */
  document(changes?: Fields, form?: Form): Buffer
  recipient(changes?: Fields): RecipientInfo
  /** What is in an answer for this enclave, by the openssl command. */
  open(envelope: Uint8Array | undefined): Buffer
  readonly root: Holder
  readonly signer: Holder
}

/** Well-formed, but for what the document should be. */
export const SOME_RECIPIENT: RecipientInfo = {
  AttestationDocument: Buffer.from('document'),
  KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
}
/** What a server says of any recipient that trusts no root. */
export const TRUSTS_NOBODY = refusal(
  'ValidationException',
  'Recipient is not supported by this server: it was started without --nitro-root.',
)

export const IMAGE = 'ab'.repeat(48)
export const MODULE_ID = 'i-0123456789abcdef0-enc0123456789abcdef'

/** The registers of an enclave: the image, then each with its own number in every byte. */
export function registers(): Map<number, Uint8Array> {
  const numbers = Array.from({ length: 16 }, (_, index) => index)
  return new Map(numbers.map((index) => [index, filled(index === 0 ? 0xab : index)]))
}

export function filled(byte: number, length = 48): Uint8Array {
  return new Uint8Array(length).fill(byte)
}

/** With an authority of its own; primes for the key take their time, so it can be handed in. */
export function enclave(key: KeyObject = recipientKey()): Enclave {
  const root = authority('test.nitro-enclaves')
  const zonal = authority('zonal.test.nitro-enclaves', root, { pathLength: 0 })
  const leaf = signer(zonal)
  const fields = (changes: Fields = {}): Fields => ({
    module_id: MODULE_ID,
    digest: 'SHA384',
    timestamp: Date.now(),
    pcrs: registers(),
    certificate: leaf.certificate,
    cabundle: [root.certificate, zonal.certificate],
    public_key: spki(key),
    user_data: null,
    nonce: null,
    ...changes,
  })
  const document = (changes?: Fields, form?: Form) =>
    signedMessage(payloadOf(fields(changes)), leaf.privateKey, form)
  return {
    fields,
    document,
    recipient: (changes) => ({
      AttestationDocument: document(changes),
      KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    }),
    open: (envelope) => opened(envelope, key),
    root,
    signer: leaf,
  }
}

export function recipientKey(modulusLength = 2048): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey
}

/** DER SubjectPublicKeyInfo of the public half. */
export function spki(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
}

/** CBOR of a map with these fields. */
export function payloadOf(fields: Fields): Uint8Array {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return encode(new Map(given.map(([name, value]) => [name, plain(value)])))
}

/** The encoder takes a Buffer for an object. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  return Array.isArray(value) ? value.map(plain) : value
}

/** A file with the certificates of these roots, as `--nitro-root` takes it. */
export function rootFile(...roots: readonly Holder[]): { path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-nitro-root-'))
  const path = join(directory, 'root.pem')
  writeFileSync(path, roots.map(pemOf).join(''))
  return { path, remove: () => rmSync(directory, { recursive: true }) }
}

function opened(envelope: Uint8Array | undefined, privateKey: KeyObject): Buffer {
  const key = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const command = 'cms -decrypt -inform DER -in envelope -inkey key -out out'.split(' ')
  const { succeeded, out } = openssl({ envelope: envelope ?? Buffer.of(), key }, ...command)
  if (!succeeded) throw new Error('the openssl command could not open the envelope')
  return out
}
