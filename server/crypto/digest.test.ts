// SHA-256 and HMAC-SHA-256 against published vectors.
import { describe, expect, it } from 'vitest'
import { equalInConstantTime, hmacSha256, hmacSha256Hex, sha256, sha256Hex } from './digest.ts'
import { secretKey } from './secret-key.ts'
import hmac from './vectors/hmac-sha256.json' with { type: 'json' }
import sha from './vectors/sha-256.json' with { type: 'json' }

it.each(sha.vectors)('SHA-256 of $message', ({ message, output }) => {
  expect(sha256Hex(message)).toBe(output)
  expect(sha256Hex(Buffer.from(message))).toBe(output)
  expect(sha256(message).toString('hex')).toBe(output)
})

it('SHA-256 of parts is that of the whole, strings taken as UTF-8', () => {
  expect(sha256('ü', Buffer.from('b'), '')).toEqual(sha256(Buffer.from('üb')))
  expect(sha256Hex('ü')).toBe(sha256Hex(Buffer.from('ü')))
})

it.each(hmac.vectors)('HMAC-SHA-256 of RFC 4231: $message', ({ key, message, output }) => {
  const handle = secretKey(Buffer.from(key, 'hex'))
  expect(hmacSha256(handle, Buffer.from(message, 'hex')).toString('hex')).toBe(output)
  expect(hmacSha256Hex(handle, Buffer.from(message, 'hex'))).toBe(output)
})

describe('equality in constant time', () => {
  it('is equality', () => {
    expect(equalInConstantTime(Buffer.from('abc'), Buffer.from('abc'))).toBe(true)
    expect(equalInConstantTime(Buffer.alloc(0), Buffer.alloc(0))).toBe(true)
    expect(equalInConstantTime(Buffer.from('abc'), Buffer.from('abd'))).toBe(false)
    expect(equalInConstantTime(Buffer.from('bbc'), Buffer.from('abc'))).toBe(false)
  })

  it('of different lengths is false and no error', () => {
    expect(equalInConstantTime(Buffer.from('abc'), Buffer.from('ab'))).toBe(false)
    expect(equalInConstantTime(Buffer.alloc(0), Buffer.from('a'))).toBe(false)
  })
})
