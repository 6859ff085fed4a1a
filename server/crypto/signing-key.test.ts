// Ed25519 against the vectors of RFC 8032, and what is not a signature.
import { describe, expect, it } from 'vitest'
import {
  exportSigningKey,
  importSigningKey,
  isSignedBy,
  newSigningKey,
  signWith,
} from './signing-key.ts'
import rfc from './vectors/ed25519.json' with { type: 'json' }

/** PKCS#8 and SubjectPublicKeyInfo as RFC 8410 writes them, around the 32 bytes of RFC 8032. */
const pkcs8 = (seed: string) => Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
const spki = (point: string) => Buffer.from(`302a300506032b6570032100${point}`, 'hex')

describe.each(rfc.vectors)('RFC 8032 $name', ({ secretKey, publicKey, message, signature }) => {
  it('is signed and verified as published', () => {
    const key = importSigningKey(pkcs8(secretKey))
    const bytes = Buffer.from(message, 'hex')
    expect(key.publicKey).toEqual(spki(publicKey))
    expect(signWith(key, bytes).toString('hex')).toBe(signature)
    expect(isSignedBy(spki(publicKey), bytes, Buffer.from(signature, 'hex'))).toBe(true)
  })
})

describe('a signature', () => {
  const key = newSigningKey()
  const message = Buffer.from('a statement')
  const signature = signWith(key, message)

  it('is one of its message only', () => {
    expect(isSignedBy(key.publicKey, message, signature)).toBe(true)
    expect(isSignedBy(key.publicKey, Buffer.from('a statemenT'), signature)).toBe(false)
    expect(isSignedBy(key.publicKey, Buffer.alloc(0), signature)).toBe(false)
  })

  it('is one by its key only', () => {
    expect(isSignedBy(newSigningKey().publicKey, message, signature)).toBe(false)
  })

  it('is none with any bit of it flipped', () => {
    for (let at = 0; at < signature.length * 8; at++) {
      const flipped = Buffer.from(signature)
      flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
      expect(isSignedBy(key.publicKey, message, flipped), `bit ${at}`).toBe(false)
    }
  })

  it('is none at another length', () => {
    expect(isSignedBy(key.publicKey, message, Buffer.alloc(0))).toBe(false)
    expect(isSignedBy(key.publicKey, message, signature.subarray(1))).toBe(false)
    expect(isSignedBy(key.publicKey, message, Buffer.concat([signature, signature]))).toBe(false)
  })

  it('is none under what is no key', () => {
    expect(isSignedBy(Buffer.alloc(0), message, signature)).toBe(false)
    expect(isSignedBy(Buffer.from('no key'), message, signature)).toBe(false)
    expect(isSignedBy(key.publicKey.subarray(0, -1), message, signature)).toBe(false)
  })
})

it('a key comes back from its export, whose buffer is zeroed', () => {
  const key = newSigningKey()
  const bytes = exportSigningKey(key)
  const length = bytes.length
  const again = importSigningKey(bytes)
  expect(bytes).toEqual(Buffer.alloc(length))
  expect(again.publicKey).toEqual(key.publicKey)
  expect(isSignedBy(key.publicKey, Buffer.from('x'), signWith(again, Buffer.from('x')))).toBe(true)
})

it('a damaged key is no key, and its buffer is zeroed all the same', () => {
  const bytes = exportSigningKey(newSigningKey())
  bytes[0] = 0
  expect(() => importSigningKey(bytes)).toThrow()
  expect(bytes).toEqual(Buffer.alloc(bytes.length))
})

it('new keys differ', () => {
  const keys = Array.from({ length: 20 }, () => newSigningKey().publicKey.toString('hex'))
  expect(new Set(keys).size).toBe(20)
})
