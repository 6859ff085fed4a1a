// HMAC against RFC 4231, and MACs that are none.
import { describe, expect, it } from 'vitest'
import { isMacOf, macOf } from './mac.ts'
import { secretKey } from './secret-key.ts'

// RFC 4231 §4.3, test case 2: the key is "Jefe".
const message = Buffer.from('what do ya want for nothing?')
const vectors = {
  HMAC_SHA_224: 'a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44',
  HMAC_SHA_256: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  HMAC_SHA_384:
    'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
  HMAC_SHA_512:
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
} as const

describe.each(Object.entries(vectors) as [keyof typeof vectors, string][])('%s', (name, mac) => {
  const key = secretKey(Buffer.from('Jefe'))
  const right = Buffer.from(mac, 'hex')

  it('is as RFC 4231 has it', () => {
    expect(macOf(key, name, message).toString('hex')).toBe(mac)
    expect(isMacOf(key, name, message, right)).toBe(true)
  })

  it('is none of another message or key, cut, lengthened or with a bit flipped', () => {
    const flipped = Buffer.from(right)
    flipped[0] = (flipped[0] as number) ^ 1
    expect(isMacOf(key, name, Buffer.from('what'), right)).toBe(false)
    expect(isMacOf(secretKey(Buffer.from('jefe')), name, message, right)).toBe(false)
    for (const wrong of [flipped, right.subarray(1), Buffer.concat([right, right]), Buffer.of()]) {
      expect(isMacOf(key, name, message, wrong)).toBe(false)
    }
  })
})
