// One X.509 certificate (RFC 5280 §4.1) of a certification path whose keys are all on P-384 and whose
// signatures are all ECDSA with SHA-384, as the attestation PKI of AWS Nitro has it.
import { X509Certificate } from 'node:crypto'
import { type Element, taggedElements } from './der.ts'
import { der, objectIdentifier, TAG } from './der-writing.ts'
import { type PublicKey, readPublicKey } from './key-pair.ts'

export type PathCertificate = {
  readonly der: Buffer
  readonly x509: X509Certificate
  readonly key: PublicKey
  /** What is signed (TBSCertificate), and the signature over it (DER). */
  readonly signed: Buffer
  readonly signature: Buffer
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly isAuthority: boolean
  /** How many authorities may stand between this one and the leaf, where that is limited. */
  readonly maxAuthoritiesBelow: number | undefined
  readonly mayCertify: boolean
  readonly maySign: boolean
}

const ECDSA_WITH_SHA384 = der(TAG.sequence, objectIdentifier('1.2.840.10045.4.3.3'))
const BASIC_CONSTRAINTS = objectIdentifier('2.5.29.19').toString('hex')
const KEY_USAGE = objectIdentifier('2.5.29.15').toString('hex')
const BOOLEAN = 0x01
const TRUE = Buffer.of(0xff)
const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04
/** In TBSCertificate, with a version in front: the algorithm, the key, and the first of what is optional. */
const [ALGORITHM_AT, KEY_AT, OPTIONAL_AT] = [2, 6, 7]

/** Reads DER; nothing where it is no certificate, or none that such a path can have. */
export function readPathCertificate(bytes: Uint8Array): PathCertificate | undefined {
  try {
    return read(Buffer.from(bytes))
  } catch {
    return undefined
  }
}

function read(whole: Buffer): PathCertificate | undefined {
  const x509 = new X509Certificate(whole)
  // Not PEM, and nothing behind it.
  if (!x509.raw.equals(whole)) return undefined
  const [body, algorithm, signature] = taggedElements(only(whole, TAG.sequence))
  const parts = taggedElements((body as Element).content)
  const key = readPublicKey('ECC_NIST_P384', (parts[KEY_AT] as Element).whole)
  const algorithms = [algorithm, parts[ALGORITHM_AT]]
  if (parts[0]?.tag !== TAG.context(0) || key === undefined) return undefined
  if (!algorithms.every((one) => one?.whole.equals(ECDSA_WITH_SHA384))) return undefined
  const extensions = readExtensions(parts.slice(OPTIONAL_AT))
  if (extensions === undefined) return undefined
  return {
    der: whole,
    x509,
    key,
    signed: (body as Element).whole,
    // A bit string of whole bytes: the first says how many bits of the last are unused.
    signature: (signature as Element).content.subarray(1),
    notBeforeMs: Date.parse(x509.validFrom),
    notAfterMs: Date.parse(x509.validTo),
    ...extensions,
  }
}

type Extensions = Pick<
  PathCertificate,
  'isAuthority' | 'maxAuthoritiesBelow' | 'mayCertify' | 'maySign'
>

/** Nothing where one stands twice, or a critical one is unknown (§4.2). */
function readExtensions(optional: readonly Element[]): Extensions | undefined {
  const field = optional.find(({ tag }) => tag === TAG.context(3))
  if (field === undefined) return undefined
  const found = new Map<string, Buffer>()
  for (const { content } of taggedElements(only(field.content, TAG.sequence))) {
    const [name, ...rest] = taggedElements(content)
    const [value, critical] = [...rest].reverse()
    const oid = (name as Element).whole.toString('hex')
    const isKnown = oid === BASIC_CONSTRAINTS || oid === KEY_USAGE
    if (found.has(oid) || (isTrue(critical) && !isKnown)) return undefined
    found.set(oid, (value as Element).content)
  }
  const constraints = found.get(BASIC_CONSTRAINTS)
  const usage = found.get(KEY_USAGE)
  return { ...readConstraints(constraints), ...readUsage(usage) }
}

/** §4.2.1.9; without the extension it is no authority. */
function readConstraints(value: Buffer | undefined) {
  const parts = value === undefined ? [] : taggedElements(only(value, TAG.sequence))
  const length = parts.find(({ tag }) => tag === TAG.integer)?.content
  return {
    isAuthority: isTrue(parts[0]),
    maxAuthoritiesBelow: length?.readIntBE(0, length.length),
  }
}

/** §4.2.1.3; without the extension it may do neither here. */
function readUsage(value: Buffer | undefined) {
  const bits = value === undefined ? 0 : (only(value, TAG.bitString)[1] ?? 0)
  return {
    mayCertify: (bits & KEY_CERT_SIGN) !== 0,
    maySign: (bits & DIGITAL_SIGNATURE) !== 0,
  }
}

/** Both places have FALSE for default, so DER writes TRUE alone, and in one way; OpenSSL reads more (X.690 §11). */
function isTrue(element: Element | undefined): boolean {
  if (element?.tag !== BOOLEAN) return false
  if (!element.content.equals(TRUE)) throw new Error('a BOOLEAN is not DER')
  return true
}

/** The content of the one element that fills `bytes`. */
function only(bytes: Buffer, tag: number): Buffer {
  const [element, ...more] = taggedElements(bytes)
  if (element?.tag !== tag || more.length > 0) throw new Error('another element was expected')
  return element.content
}
