// Signed messages, tagged and not, and everything that is none.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { isSign1Of, readSign1 } from './cose-sign1.ts'
import type { PublicKey } from './key-pair.ts'
import { type Form, signedMessage } from './testing/attestation-signing.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const publicKey = createPublicKey(privateKey) as PublicKey
const payload = Buffer.from('what is signed '.repeat(40))

async function isBelieved(message: Uint8Array, key: PublicKey = publicKey): Promise<boolean> {
  const read = readSign1(message)
  return read !== undefined && (await isSign1Of(key, read))
}

it.each([false, true])('a signed message is read and believed (tagged: %s)', async (isTagged) => {
  const message = signedMessage(payload, privateKey, { isTagged })
  expect(await isBelieved(message)).toBe(true)
  expect(Buffer.from(readSign1(message)?.payload ?? [])).toEqual(payload)
})

it('a message by another key, or with another payload, is not believed', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  expect(await isBelieved(signedMessage(payload, other))).toBe(false)
  const sentPayload = Buffer.from(payload)
  sentPayload[0] = 0
  const altered = signedMessage(payload, privateKey, { sentPayload })
  expect(readSign1(altered)).toBeDefined()
  expect(await isBelieved(altered)).toBe(false)
})

it.each<[string, Form]>([
  ['another algorithm', { protectedHeader: 'a10126' }],
  ['no algorithm', { protectedHeader: 'a0' }],
  ['an empty protected header', { protectedHeader: '' }],
  ['a second parameter', { protectedHeader: 'a2013822044141' }],
  ['its algorithm twice', { protectedHeader: 'a2013822013822' }],
  ['its algorithm in another form', { protectedHeader: 'a118013822' }],
  ['an unprotected parameter', { unprotected: 'a1044141' }],
  ['an unprotected algorithm', { unprotected: 'a1013822', protectedHeader: 'a0' }],
  ['a list for the unprotected header', { unprotected: '80' }],
  ['a signature in DER', { encoding: 'der' }],
])('a message is refused that has %s', (_name, form) => {
  expect(readSign1(signedMessage(payload, privateKey, form))).toBeUndefined()
})

it('a message is refused that is cut off, goes on, or is something else', () => {
  const message = signedMessage(payload, privateKey)
  const [cut, longer] = [message.subarray(0, -1), Buffer.concat([message, Buffer.of(0)])]
  const otherTag = Buffer.concat([Buffer.of(0xd1), message])
  const twoTags = Buffer.concat([Buffer.of(0xd2, 0xd2), message])
  const others = ['ff', '', '80', 'a0', '8440a04040', '83404040', 'f6', 'd280', 'd8238141']
  for (const bytes of [cut, longer, otherTag, twoTags]) {
    expect(readSign1(bytes)).toBeUndefined()
  }
  for (const hex of others) expect(readSign1(Buffer.from(hex, 'hex')), hex).toBeUndefined()
})
