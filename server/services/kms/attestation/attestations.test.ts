// Documents that are believed, and everything that is wrong with others.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ValidationException } from '../../../contract/errors.ts'
import { readTrustedRoots } from '../../../crypto/certification-path.ts'
import { exportPublicKey } from '../../../crypto/key-pair.ts'
import { type Form, signedMessage } from '../../../crypto/testing/attestation-signing.ts'
import { authority, pemOf, signer } from '../../../crypto/testing/certificates.ts'
import {
  enclave,
  type Fields,
  filled,
  MODULE_ID,
  payloadOf,
  recipientKey,
  registers,
  spki,
} from '../testing/attestation.ts'
import { attestations } from './attestations.ts'

const MINUTE_MS = 60_000

const key = recipientKey()
const { document, fields, root, signer: leaf } = enclave(key)
const trusting = attestations(readTrustedRoots(Buffer.from(pemOf(root))))

/** What is said of a document; `believed` where it is. */
function told(bytes: Uint8Array, nowMs = Date.now()): Promise<string> {
  return trusting.verify(bytes, nowMs).then(
    () => 'believed',
    (error: Error) => {
      expect(error).toBeInstanceOf(ValidationException)
      return error.message
    },
  )
}

function invalid(reason: string): string {
  return `The attestation document is not valid: ${reason}.`
}

it.each([false, true])('a document proves what it says (tagged: %s)', async (isTagged) => {
  const found = await trusting.verify(document({}, { isTagged }), Date.now())
  expect(found.moduleId).toBe(MODULE_ID)
  expect(found.enclaveRegisters).toEqual(registers())
  expect(found.tpmRegisters).toBeUndefined()
  expect(exportPublicKey(found.recipientKey)).toEqual(spki(key))
})

it('a document of a NitroTPM proves what it says', async () => {
  const tpm = new Map([[4, filled(4)]])
  const found = await trusting.verify(document({ pcrs: undefined, nitrotpm_pcrs: tpm }), Date.now())
  expect(found.enclaveRegisters).toBeUndefined()
  expect(found.tpmRegisters).toEqual(tpm)
})

it('a document may be as full as AWS lets it be, or leave out what is optional', async () => {
  const full = {
    module_id: 'm'.repeat(256),
    pcrs: new Map(Array.from({ length: 32 }, (_, index) => [index, filled(1, 64)])),
    user_data: filled(1, 1024),
    nonce: filled(1, 1024),
  }
  expect(await told(document(full))).toBe('believed')
  expect(await told(document({ user_data: undefined, nonce: undefined }))).toBe('believed')
  expect(await told(document({ user_data: filled(0, 0), nonce: filled(0, 0) }))).toBe('believed')
})

it('without roots nothing is believed', async () => {
  const message = 'Recipient is not supported by this server: it was started without --nitro-root.'
  await expect(attestations([]).verify(document(), Date.now())).rejects.toThrow(message)
})

it('a document of another authority is not believed', async () => {
  const message = invalid('its certificates do not begin with a trusted root')
  expect(await told(enclave(key).document())).toBe(message)
  // The trusted root in front does not help a chain of somebody else.
  const other = enclave(key)
  const [, zonal] = other.fields().cabundle as Buffer[]
  const cabundle = [root.certificate, zonal]
  expect(await told(other.document({ cabundle }))).toBe(
    invalid('a certificate was not issued by the one before it'),
  )
})

it('a document is fresh for five minutes, by either clock', async () => {
  const now = Date.now()
  const message = invalid('its timestamp is more than five minutes away from now')
  const at = (timestamp: number) => told(document({ timestamp }), now)
  expect(await at(now - 5 * MINUTE_MS)).toBe('believed')
  expect(await at(now - 5 * MINUTE_MS - 1)).toBe(message)
  expect(await at(now + 5 * MINUTE_MS)).toBe('believed')
  expect(await at(now + 5 * MINUTE_MS + 1)).toBe(message)
})

it('a document signed by another key than that of its certificate is not believed', async () => {
  const message = invalid('its signature is not valid')
  const { privateKey } = signer(root)
  expect(await told(signedMessage(payloadOf(fields()), privateKey))).toBe(message)
  const sentPayload = payloadOf(fields({ module_id: 'i-another' }))
  expect(await told(document({}, { sentPayload }))).toBe(message)
})

it('the certificates of a document count as they do in any path', async () => {
  const expired = signer(root, { notAfterMs: Date.now() - MINUTE_MS })
  const signed = (certificate: Buffer) =>
    told(document({ cabundle: [root.certificate], certificate }))
  expect(await signed(expired.certificate)).toBe(
    invalid('a certificate has expired or is not valid yet'),
  )
  expect(await signed(leaf.certificate)).toBe(
    invalid('a certificate was not issued by the one before it'),
  )
  expect(await signed(authority('below', root).certificate)).toBe(
    invalid('its certificate is not one that signs documents'),
  )
  expect(await signed(Buffer.of(0x30, 0))).toBe(invalid('a certificate is malformed'))
})

it('an answer needs a public key that is fit for it', async () => {
  expect(await told(document({ public_key: null }))).toBe(invalid('it has no public key'))
  expect(await told(document({ public_key: undefined }))).toBe(invalid('it has no public key'))
  const message = invalid('its public key is not an RSA key of at least 2048 bits')
  for (const public_key of [spki(recipientKey(1024)), spki(leaf.privateKey), filled(0x30)]) {
    expect(await told(document({ public_key }))).toBe(message)
  }
})

const bytes = (length: number) => filled(1, length)
const few = (entries: readonly [unknown, unknown][]) => new Map<unknown, unknown>(entries)

it.each<[string, readonly unknown[]]>([
  ['module_id', ['', 'm'.repeat(257), 1, bytes(3), null]],
  ['digest', ['SHA256', 'sha384', '', 384, null]],
  ['timestamp', [0, -1, '1', 2n ** 53n, 2n ** 63n, null]],
  ['pcrs', [few([]), few([[32, bytes(48)]]), few([[-1, bytes(48)]]), few([['0', bytes(48)]])]],
  ['pcrs', [few([[0, bytes(47)]]), few([[0, '']]), few([[0, null]]), [bytes(48)], null]],
  ['nitrotpm_pcrs', [few([]), few([[24, bytes(48)]]), few([[4, bytes(20)]]), null]],
  ['certificate', [bytes(0), bytes(1025), 'text', null]],
  ['cabundle', [[], [bytes(0)], [bytes(1025)], Array(9).fill(bytes(1)), bytes(3), ['a'], null]],
  ['public_key', [bytes(0), bytes(1025), 'text', 1]],
  ['user_data', [bytes(1025), 'text', 1]],
  ['nonce', [bytes(1025), 'text', 1]],
])('a field %s is what AWS says it is', async (name, values) => {
  for (const value of values) {
    expect(await told(document({ [name]: value })), String(value)).toBe(
      invalid(`its field ${name} is malformed`),
    )
  }
})

it('a document has all the fields it must have, and no other', async () => {
  for (const name of ['module_id', 'digest', 'timestamp', 'certificate', 'cabundle', 'pcrs']) {
    expect(await told(document({ [name]: undefined }))).toBe(
      invalid(`its field ${name} is missing`),
    )
  }
  for (const name of ['pcr', '__proto__x', 'constructor', 'Digest']) {
    expect(await told(document({ [name]: 1 }))).toBe(invalid('it has a field that is unknown'))
  }
})

const NOT_A_MESSAGE = invalid('it is not a COSE_Sign1 message with ES384')

it('what is no message is no document', async () => {
  const whole = document()
  const others: Uint8Array[] = [
    Buffer.of(),
    whole.subarray(0, -1),
    whole.subarray(0, 100),
    Buffer.concat([whole, Buffer.of(0)]),
    document({}, { protectedHeader: 'a10126' }),
    Buffer.alloc(16_000, 0x81), // lists within lists
    Buffer.alloc(16_000, 0x9f),
    Buffer.alloc(262_144, 0x80), // longer than any document
    document({}, { sentPayload: Buffer.alloc(20_000) }),
  ]
  for (const one of others) expect(await told(one)).toBe(NOT_A_MESSAGE)
})

it('a payload is one map that says everything once', async () => {
  const signed = (payload: Uint8Array, form?: Form) =>
    told(signedMessage(payload, leaf.privateKey, form))
  const message = invalid('it is not a CBOR map')
  const right = payloadOf(fields())
  // Two entries `digest` in front, one entry more in the count.
  const digest = Buffer.from('666469676573746653484133383466646967657374', 'hex')
  const twice = Buffer.concat([Buffer.of(0xa2), digest, Buffer.from('66534841333834', 'hex')])
  const deep = Buffer.concat([Buffer.of(0xa1, 0x61, 0x61), Buffer.alloc(9000, 0x81), Buffer.of(0)])
  const payloads = [
    Buffer.of(),
    Buffer.of(0x80),
    right.subarray(0, -1),
    Buffer.concat([right, Buffer.of(0)]),
    twice,
    deep,
  ]
  for (const payload of payloads) expect(await signed(payload)).toBe(message)
})

it('a document with any byte changed, added or taken away is refused with a validation error', async () => {
  const whole = document()
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('change', 'insert', 'remove', 'cut'),
      async (at, byte, how) => {
        // The tag of a signed message, which it may have.
        fc.pre(how !== 'insert' || at > 0 || byte !== 0xd2)
        const mutated = Buffer.from(whole)
        mutated[at] = (mutated[at] as number) ^ byte
        const [before, after] = [whole.subarray(0, at), whole.subarray(at)]
        const variants = {
          change: mutated,
          insert: Buffer.concat([before, Buffer.of(byte), after]),
          remove: Buffer.concat([before, after.subarray(1)]),
          cut: before,
        }
        expect(await told(variants[how])).toMatch(/^The attestation document is not valid: /)
      },
    ),
    { numRuns: 300 },
  )
})

it('payloads of any make, signed by the right key, are refused with a validation error', async () => {
  const names = ['digest', 'timestamp', 'pcrs', 'certificate', 'cabundle', 'public_key']
  const value = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.uint8Array({ maxLength: 80 }).map((array) => Uint8Array.from(array)),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 4 }),
    fc.constant(new Map([[1, 1]])),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), value, async (name, given) => {
      const changes: Fields = { [name]: given }
      const message = signedMessage(payloadOf(fields(changes)), leaf.privateKey)
      expect(await told(message)).toMatch(/^The attestation document is not valid: /)
    }),
    { numRuns: 200 },
  )
})
