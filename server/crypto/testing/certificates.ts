// Certificates (RFC 5280) of any shape, right and wrong, for tests of certification paths.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { der, objectIdentifier, TAG } from '../der-writing.ts'

/** Who has a certificate, and the key to it. */
export type Holder = {
  readonly name: string
  readonly privateKey: KeyObject
  readonly certificate: Buffer
}

export type Wish = {
  readonly name?: string
  /** Itself, where there is none. */
  readonly issuer?: Holder
  readonly curve?: 'P-384' | 'P-256'
  readonly hash?: 'sha384' | 'sha256'
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  readonly isAuthority?: boolean
  readonly pathLength?: number
  /** The first byte of the bit string. */
  readonly usage?: number
  /** Object identifiers of further extensions, with empty values. */
  readonly critical?: readonly string[]
  readonly uncritical?: readonly string[]
}

export const DIGITAL_SIGNATURE = 0x80
export const KEY_CERT_SIGN = 0x04

const HOUR_MS = 3_600_000
const SIGNED_WITH = { sha384: '1.2.840.10045.4.3.3', sha256: '1.2.840.10045.4.3.2' } as const
const TRUE = der(0x01, Buffer.of(0xff))

export function issue(wish: Wish = {}): Holder {
  const { name = 'test.nitro-enclaves', issuer, curve = 'P-384', hash = 'sha384' } = wish
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
  const algorithm = der(TAG.sequence, objectIdentifier(SIGNED_WITH[hash]))
  const now = Date.now()
  const body = der(
    TAG.sequence,
    der(TAG.context(0), der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, Buffer.of(1 + Math.floor(Math.random() * 126))),
    algorithm,
    nameOf(issuer?.name ?? name),
    der(
      TAG.sequence,
      time(wish.notBeforeMs ?? now - HOUR_MS),
      time(wish.notAfterMs ?? now + 3 * HOUR_MS),
    ),
    nameOf(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(TAG.context(3), der(TAG.sequence, ...extensionsOf(wish))),
  )
  const signature = sign(hash, body, issuer?.privateKey ?? privateKey)
  const signed = der(TAG.bitString, Buffer.of(0), signature)
  return { name, privateKey, certificate: der(TAG.sequence, body, algorithm, signed) }
}

/** An authority over others: a root where nobody issued it. */
export function authority(name: string, issuer?: Holder, wish: Wish = {}): Holder {
  return issue({
    name,
    ...(issuer && { issuer }),
    isAuthority: true,
    usage: KEY_CERT_SIGN | DIGITAL_SIGNATURE,
    ...wish,
  })
}

/** Who signs documents. */
export function signer(issuer: Holder, wish: Wish = {}): Holder {
  return issue({ name: 'i-0123.test.aws', issuer, usage: DIGITAL_SIGNATURE, ...wish })
}

export function pemOf({ certificate }: Holder): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensionsOf({ isAuthority, pathLength, usage, critical, uncritical }: Wish): Buffer[] {
  const constraints = [
    ...(isAuthority ? [TRUE] : []),
    ...(pathLength === undefined ? [] : [der(TAG.integer, Buffer.of(pathLength))]),
  ]
  return [
    extension('2.5.29.19', true, der(TAG.sequence, ...constraints)),
    ...(usage === undefined
      ? []
      : [extension('2.5.29.15', true, der(TAG.bitString, Buffer.of(0, usage)))]),
    ...(critical ?? []).map((oid) => extension(oid, true, der(TAG.null))),
    ...(uncritical ?? []).map((oid) => extension(oid, false, der(TAG.null))),
  ]
}

function extension(oid: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [TRUE] : []
  return der(TAG.sequence, objectIdentifier(oid), ...critical, der(TAG.octetString, value))
}

function nameOf(commonName: string): Buffer {
  const value = der(0x0c, Buffer.from(commonName))
  return der(TAG.sequence, der(TAG.set, der(TAG.sequence, objectIdentifier('2.5.4.3'), value)))
}

/** GeneralizedTime. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return der(0x18, Buffer.from(`${digits}Z`))
}
