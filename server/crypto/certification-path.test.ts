// Certification paths that hold, and each way in which one does not.
import { expect, it } from 'vitest'
import { readTrustedRoots, validatePath } from './certification-path.ts'
import { authority, type Holder, issue, pemOf, signer, type Wish } from './testing/certificates.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

const root = authority('root')
const regional = authority('regional', root, { pathLength: 1 })
const zonal = authority('zonal', regional, { pathLength: 0 })
const leaf = signer(zonal)
const roots = readTrustedRoots(Buffer.from(pemOf(root)))

/** What is said of the path; `holds` where nothing is wrong with it. */
async function told(path: readonly Holder[], trusted = roots, nowMs = Date.now()): Promise<string> {
  const found = await validatePath(
    path.map(({ certificate }) => certificate),
    trusted,
    nowMs,
  )
  return typeof found === 'string' ? found : 'holds'
}

it('a path holds from a trusted root to a certificate that signs', async () => {
  expect(await told([root, regional, zonal, leaf])).toBe('holds')
  expect(await told([root, signer(root)])).toBe('holds')
  const [other] = readTrustedRoots(Buffer.from(pemOf(authority('other'))))
  expect(await told([root, signer(root)], [other as never, ...roots])).toBe('holds')
})

it.runIf(hasOpenssl)('the openssl command agrees that the path holds', () => {
  const files = {
    root: Buffer.from(pemOf(root)),
    between: Buffer.from(pemOf(regional) + pemOf(zonal)),
    leaf: Buffer.from(pemOf(leaf)),
  }
  const command = 'verify -CAfile root -untrusted between leaf'.split(' ')
  expect(openssl(files, ...command).succeeded).toBe(true)
})

it('a path from any other root, or from none, does not hold', async () => {
  const message = 'its certificates do not begin with a trusted root'
  const twin = authority('root')
  expect(await told([twin, signer(twin)])).toBe(message)
  expect(await told([regional, zonal, leaf])).toBe(message)
  expect(await told([root, leaf], [])).toBe(message)
  expect(await told([])).toBe(message)
  expect(await told([root])).toBe('it has no certificate of its own')
})

it('a path holds only while all of its certificates are valid', async () => {
  const message = 'a certificate has expired or is not valid yet'
  const hour = 3_600_000
  const now = Date.now()
  expect(await told([root, signer(root, { notAfterMs: now - 1000 })])).toBe(message)
  expect(await told([root, signer(root, { notBeforeMs: now + hour })])).toBe(message)
  const old = authority('old', root, { notAfterMs: now - 1000 })
  expect(await told([root, old, signer(old)])).toBe(message)
  expect(await told([root, regional, zonal, leaf], roots, now + 4 * hour)).toBe(message)
  expect(await told([root, regional, zonal, leaf], roots, now - 2 * hour)).toBe(message)
})

it('a path is broken where a certificate was not issued by the one before it', async () => {
  const message = 'a certificate was not issued by the one before it'
  expect(await told([root, zonal, leaf])).toBe(message)
  // The same name, another key.
  const twin = authority('zonal', regional, { pathLength: 0 })
  expect(await told([root, regional, twin, leaf])).toBe(message)
  // The same key signed, under another name.
  expect(await told([root, signer({ ...root, name: 'elsewhere' })])).toBe(message)
})

it('nothing issues certificates that is no authority for that', async () => {
  const message = 'a certificate was issued by what may not issue it'
  expect(await told([root, leaf, signer(leaf)])).toBe(message)
  const mute = authority('mute', root, { usage: 0x80 })
  expect(await told([root, mute, signer(mute)])).toBe(message)
  const bare = issue({ name: 'bare', issuer: root, isAuthority: true })
  expect(await told([root, bare, signer(bare)])).toBe(message)
  // An authority of depth 0 has a further one under it.
  const below = authority('below', zonal)
  expect(await told([root, regional, zonal, below, signer(below)])).toBe(message)
})

it('a document is signed by a leaf that is for signing', async () => {
  const message = 'its certificate is not one that signs documents'
  expect(await told([root, regional])).toBe(message)
  expect(await told([root, signer(root, { usage: 0x20 })])).toBe(message)
  expect(await told([root, issue({ name: 'bare', issuer: root })])).toBe(message)
  expect(await told([root, signer(root, { pathLength: 0 })])).toBe(message)
})

/** OpenSSL takes any byte but zero for TRUE (X.690 §8.2.2); in DER it is 0xff (§11.1). */
function laxly(extension: string, wish: Wish): Holder {
  const holder = signer(root, wish)
  const at = holder.certificate.indexOf(
    '0101ff',
    holder.certificate.indexOf(extension, 0, 'hex'),
    'hex',
  )
  holder.certificate[at + 2] = 1
  return holder
}

it.each<[string, () => Holder]>([
  ['a key on another curve', () => signer(root, { curve: 'P-256' })],
  ['another hash', () => signer(root, { hash: 'sha256' })],
  ['a critical extension that is unknown', () => signer(root, { critical: ['2.5.29.30'] })],
  [
    'a critical extension that is unknown, its TRUE not in DER',
    () => laxly('551d1e', { critical: ['2.5.29.30'] }),
  ],
  ['an authority over others, its TRUE not in DER', () => laxly('551d13', { isAuthority: true })],
  ['an extension twice', () => signer(root, { uncritical: ['2.5.29.17', '2.5.29.17'] })],
  ['PEM', () => ({ ...leaf, certificate: Buffer.from(pemOf(leaf)) })],
  [
    'bytes behind it',
    () => ({ ...leaf, certificate: Buffer.concat([leaf.certificate, Buffer.of(0)]) }),
  ],
  ['an end too early', () => ({ ...leaf, certificate: leaf.certificate.subarray(0, -1) })],
  ['no bytes', () => ({ ...leaf, certificate: Buffer.of() })],
])('a certificate is malformed that has %s', async (_name, make) => {
  expect(await told([root, make()])).toBe('a certificate is malformed')
})

it('an extension that is not critical may be unknown', async () => {
  expect(
    await told([root, signer(root, { uncritical: ['1.3.6.1.4.1.311.1', '1.3.6.1.4.1.311.2'] })]),
  ).toBe('holds')
})

it('roots are read from PEM, each of them fit to be one', () => {
  const two = pemOf(root) + pemOf(authority('second'))
  expect(readTrustedRoots(Buffer.from(two))).toHaveLength(2)
  expect(() => readTrustedRoots(Buffer.from('no certificate'))).toThrow(
    'it holds no certificate in PEM',
  )
  const unfit = 'is no authority with a key on P-384, signed with ECDSA and SHA-384'
  expect(() => readTrustedRoots(Buffer.from(pemOf(root) + pemOf(leaf)))).toThrow(
    `certificate 2 ${unfit}`,
  )
  const other = authority('other', undefined, { curve: 'P-256', hash: 'sha256' })
  expect(() => readTrustedRoots(Buffer.from(pemOf(other)))).toThrow(`certificate 1 ${unfit}`)
})
