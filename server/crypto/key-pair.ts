// Key pairs as opaque handles: made by OpenSSL, stored as PKCS#8 (RFC 5958), told as
// SubjectPublicKeyInfo (RFC 5280 §4.1).
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeyPairSpec, type MaterialForm, materialForm } from './algorithms.ts'
import { needs } from './needs.ts'
import { rsaPairs } from './prime-search.ts'
import { onThreadPool } from './thread-pool.ts'

export type PrivateKey = KeyObject
export type PublicKey = KeyObject
export type KeyPair = { readonly privateKey: PrivateKey; readonly publicKey: PublicKey }

const generate = promisify(generateKeyPair) as (type: string, options: object) => Promise<KeyPair>

/** Names of algorithm and curve take 27 bytes at most, a point in its shortest form 33 or more. */
const SHORTEST_POINT_SPKI_BYTES = 40
/** Of P-521, uncompressed. Whoever spells out a curve's parameters needs more, also for the smallest. */
const LONGEST_POINT_SPKI_BYTES = 158

/** A new key pair, made off the event loop; of RSA, as `rsaPairs` tells. */
export function newKeyPair(spec: KeyPairSpec): Promise<KeyPair> {
  const form = materialForm(spec)
  switch (form.kind) {
    case 'rsa':
      return rsaPairs.make(form.modulusBits)
    case 'ec':
      return onThreadPool(() => generate('ec', { namedCurve: form.curve }))
    case 'ed25519':
      return onThreadPool(() => generate('ed25519', {}))
    default:
      return onThreadPool(() => generate((form as { parameters: string }).parameters, {}))
  }
}

/** Lends the private key as DER PKCS#8 to `use`, and zeroes it when that returns or throws. */
export function withPrivateKeyBytes<T>(key: PrivateKey, use: (pkcs8: Buffer) => T): T {
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' })
  try {
    return use(pkcs8)
  } finally {
    pkcs8.fill(0)
  }
}

/** Takes over `pkcs8`: makes the handle and zeroes the buffer. Throws where it is not of the spec. */
export function importPrivateKey(spec: KeyPairSpec, pkcs8: Buffer): PrivateKey {
  try {
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    // A private key is one of its key spec.
    needs(isOfSpec(spec, key), 'A private key is one of its key spec.')
    return key
  } finally {
    pkcs8.fill(0)
  }
}

/** DER SubjectPublicKeyInfo; curve points uncompressed. */
export function exportPublicKey(key: PublicKey): Buffer {
  return key.export({ format: 'der', type: 'spki' })
}

/** Reads DER SubjectPublicKeyInfo; nothing where it is no key of the spec. */
export function readPublicKey(spec: KeyPairSpec, spki: Uint8Array): PublicKey | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    return isOfSpec(spec, key) && hasPoint(key) ? key : undefined
  } catch {
    return undefined
  }
}

/** The public half, from the private one. */
export function publicKeyOf(key: PrivateKey): PublicKey {
  return createPublicKey(key)
}

/** Whether the key, private or public, is one of this spec. */
export function isOfSpec(spec: KeyPairSpec, key: KeyObject): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const form: MaterialForm = materialForm(spec)
  switch (form.kind) {
    case 'rsa':
      return type === 'rsa' && details?.modulusLength === form.modulusBits
    case 'ec':
      return type === 'ec' && details?.namedCurve === form.curve
    case 'ed25519':
      return type === 'ed25519'
    case 'secret':
      return false
    default:
      return type === form.parameters
  }
}

/**
 * OpenSSL reads only points that are on their curve, but takes the point at infinity for one; its
 * encoding is a single byte (SEC 1 §2.3.3), which no key has. It also reads curves whose parameters
 * are spelled out, which RFC 5480 §2.1.1 forbids.
 */
function hasPoint(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'ec') return true
  const { length } = exportPublicKey(key)
  return length > SHORTEST_POINT_SPKI_BYTES && length <= LONGEST_POINT_SPKI_BYTES
}
