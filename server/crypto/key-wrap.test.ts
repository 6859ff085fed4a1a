// AES-KWP by the vectors of RFC 5649, and as openssl wraps; what is not wrapped by the key is nothing.
import { expect, it } from 'vitest'
import { unwrapPadded } from './key-wrap.ts'
import { randomBytes } from './random.ts'
import { secretKey } from './secret-key.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
/** RFC 5649 §6. */
const KEY = '5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8'
const VECTORS = [
  [
    'c37b7e6492584340bed12207808941155068f738',
    '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a',
  ],
  ['466f7250617369', 'afbeb0f07dfbf5419200f2ccb50bb24f'],
] as const

it.each(VECTORS)('unwraps %s as RFC 5649 does', (plaintext, wrapped) => {
  expect(unwrapPadded(secretKey(hex(KEY)), hex(wrapped))).toEqual(hex(plaintext))
})

it('unwraps nothing that was changed, cut, or wrapped by another key', () => {
  const [[, wrapped]] = VECTORS
  for (let at = 0; at < 32; at++) {
    const flipped = hex(wrapped)
    flipped[at] = (flipped[at] as number) ^ 1
    expect(unwrapPadded(secretKey(hex(KEY)), flipped)).toBeUndefined()
  }
  for (const length of [0, 1, 8, 15, 16, 24, 31]) {
    expect(unwrapPadded(secretKey(hex(KEY)), hex(wrapped).subarray(0, length))).toBeUndefined()
  }
  expect(unwrapPadded(secretKey(randomBytes(32)), hex(wrapped))).toBeUndefined()
})

it.skipIf(!hasOpenssl)('unwraps what openssl wraps, of any length', () => {
  for (const length of [1, 8, 32, 241, 2375]) {
    const kek = randomBytes(32)
    const text = randomBytes(length)
    const { out } = openssl(
      { text },
      ...['enc', '-id-aes256-wrap-pad', '-K', kek.toString('hex'), '-iv', 'A65959A6'],
      ...['-in', 'text', '-out', 'out'],
    )
    expect(unwrapPadded(secretKey(kek), out)).toEqual(text)
  }
})
