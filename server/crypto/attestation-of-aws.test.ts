// A document that AWS signed, under the root that AWS publishes: what our own tests make looks like this.
import { expect, it } from 'vitest'
import { readCbor } from './cbor.ts'
import { type TrustedRoot, type ValidPath, validatePath } from './certification-path.ts'
import { isSign1Of, readSign1, type Sign1 } from './cose-sign1.ts'
import { sha256Hex } from './digest.ts'
import { type PathCertificate, readPathCertificate } from './path-certificate.ts'
import vector from './vectors/nitro-attestation-document.json' with { type: 'json' }

const message = readSign1(Buffer.from(vector.document, 'base64')) as Sign1
const fields = readCbor(message.payload) as ReadonlyMap<string, unknown>
const authorities = fields.get('cabundle') as readonly Uint8Array[]
const path = [...authorities, fields.get('certificate') as Uint8Array]
const root = readPathCertificate(path[0] as Uint8Array) as TrustedRoot

it('the document begins with the root that AWS publishes', () => {
  expect(sha256Hex(root.der)).toBe(vector.rootFingerprint)
})

it('its path held when it was made, and not four hours later', async () => {
  const { key } = (await validatePath(path, [root], vector.timestampMs)) as ValidPath
  expect(await isSign1Of(key, message)).toBe(true)
  const later = vector.timestampMs + 4 * 3_600_000
  expect(await validatePath(path, [root], later)).toBe(
    'a certificate has expired or is not valid yet',
  )
})

it('its signature is that of its certificate, over exactly these bytes', async () => {
  const { key } = readPathCertificate(path.at(-1) as Uint8Array) as PathCertificate
  expect(await isSign1Of(key, message)).toBe(true)
  for (const at of [0, 100, message.payload.length - 1]) {
    const payload = Uint8Array.from(message.payload)
    payload[at] = (payload[at] as number) ^ 1
    expect(await isSign1Of(key, { ...message, payload })).toBe(false)
  }
})

it('no certificate in it is the issuer of one further up', async () => {
  const [first, second, third, ...rest] = path as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const swapped = await validatePath([first, third, second, ...rest], [root], vector.timestampMs)
  expect(swapped).toMatch(/^a certificate was/)
})
