// The table of algorithms against the enumerations of the official SDK, and sizes against RFC 8017.
import * as sdk from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import {
  algorithmsOf,
  isKeyPairSpec,
  isKeySpec,
  KEY_SPECS,
  type KeySpec,
  type KeyUsage,
  MAC_ALGORITHMS,
  OAEP_ALGORITHMS,
  oaepMaxBytes,
  SIGNING_ALGORITHMS,
} from './algorithms.ts'

const SPECS = Object.keys(KEY_SPECS) as KeySpec[]
const USAGES = Object.keys(sdk.KeyUsageType) as KeyUsage[]

it('every key spec of the SDK is there but SM2', () => {
  expect([...SPECS, 'SM2'].sort()).toEqual(Object.keys(sdk.KeySpec).sort())
})

it.each<[string, readonly string[], object, string[]]>([
  ['signing', Object.keys(SIGNING_ALGORITHMS), sdk.SigningAlgorithmSpec, ['SM2DSA']],
  ['MAC', Object.keys(MAC_ALGORITHMS), sdk.MacAlgorithmSpec, []],
  [
    'encryption',
    ['SYMMETRIC_DEFAULT', ...Object.keys(OAEP_ALGORITHMS)],
    sdk.EncryptionAlgorithmSpec,
    ['SM2PKE'],
  ],
])('every %s algorithm of the SDK is there but those of SM2', (_what, ours, theirs, missing) => {
  expect([...ours, ...missing].sort()).toEqual(Object.keys(theirs).sort())
})

it('each algorithm belongs to a key spec, and each usage too', () => {
  const used = SPECS.flatMap((spec) => USAGES.flatMap((usage) => algorithmsOf(spec, usage)))
  expect([...new Set<string>(used)].sort()).toEqual(
    [
      'SYMMETRIC_DEFAULT',
      'ECDH',
      'ML_KEM',
      ...Object.keys(OAEP_ALGORITHMS),
      ...Object.keys(MAC_ALGORITHMS),
      ...Object.keys(SIGNING_ALGORITHMS),
    ].sort(),
  )
  for (const usage of USAGES) {
    expect(SPECS.some((spec) => algorithmsOf(spec, usage).length > 0)).toBe(true)
  }
})

describe('A usage that a spec has not', () => {
  it.each<[KeySpec, KeyUsage]>([
    ['SYMMETRIC_DEFAULT', 'SIGN_VERIFY'],
    ['HMAC_256', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'KEY_AGREEMENT'],
    ['ECC_SECG_P256K1', 'KEY_AGREEMENT'],
    ['ECC_NIST_EDWARDS25519', 'KEY_AGREEMENT'],
    ['ML_KEM_768', 'SIGN_VERIFY'],
  ])('%s has no algorithm for %s', (spec, usage) => {
    expect(algorithmsOf(spec, usage)).toEqual([])
  })
})

it.each<[KeySpec, number, number]>([
  ['RSA_2048', 214, 190],
  ['RSA_3072', 342, 318],
  ['RSA_4096', 470, 446],
])('%s encrypts %d bytes under SHA-1 and %d under SHA-256', (spec, sha1, sha256) => {
  expect(oaepMaxBytes(spec, 'RSAES_OAEP_SHA_1')).toBe(sha1)
  expect(oaepMaxBytes(spec, 'RSAES_OAEP_SHA_256')).toBe(sha256)
})

it('names that objects have by nature are no key specs', () => {
  expect(isKeySpec('RSA_2048')).toBe(true)
  for (const name of ['SM2', 'rsa_2048', 'constructor', '__proto__', '']) {
    expect(isKeySpec(name)).toBe(false)
  }
})

it('symmetric and HMAC keys are no key pairs, all others are', () => {
  const secret = SPECS.filter((spec) => !isKeyPairSpec(spec))
  expect(secret).toEqual(['SYMMETRIC_DEFAULT', 'HMAC_224', 'HMAC_256', 'HMAC_384', 'HMAC_512'])
})
