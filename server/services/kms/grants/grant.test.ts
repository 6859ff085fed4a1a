// What grants can be, and when their constraints hold.
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../../policy/principal.ts'
import { cast } from '../../../policy/testing/cast.ts'
import type { GrantConstraints } from '../wire.ts'
import {
  admitsContext,
  areAsStrict,
  grantableOperations,
  granteeNames,
  readConstraints,
} from './grant.ts'

const equals = (context: Record<string, string>): GrantConstraints => ({
  EncryptionContextEquals: context,
})
const subset = (context: Record<string, string>): GrantConstraints => ({
  EncryptionContextSubset: context,
})

describe('A grant’s constraints', () => {
  it.each<[GrantConstraints | undefined, Record<string, string> | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, { p: '1' }, true],
    [subset({ p: '1' }), { p: '1' }, true],
    [subset({ p: '1' }), { q: '2', p: '1' }, true],
    [subset({ p: '1' }), { p: '2' }, false],
    [subset({ p: '1' }), undefined, false],
    [subset({ p: '1' }), { P: '1' }, false],
    [subset({ p: 'a' }), { p: 'A' }, false],
    [subset({ p: '1', q: '2' }), { p: '1' }, false],
    [subset({}), undefined, true],
    [subset({ toString: 'x' }), {}, false],
    [equals({ p: '1' }), { p: '1' }, true],
    [equals({ p: '1', q: '2' }), { q: '2', p: '1' }, true],
    [equals({ p: '1' }), { p: '1', q: '2' }, false],
    [equals({ p: '1' }), undefined, false],
    [equals({}), undefined, true],
    [equals({}), { p: '1' }, false],
    [{ ...equals({ p: '1', q: '2' }), ...subset({ p: '1' }) }, { p: '1', q: '2' }, true],
    [{ ...equals({ p: '1' }), ...subset({ q: '2' }) }, { p: '1' }, false],
  ])('%j for a request with %j hold: %s', (constraints, context, holds) => {
    expect(admitsContext(readConstraints(constraints), context)).toBe(holds)
  })

  it.each<[GrantConstraints | undefined, GrantConstraints | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, subset({ p: '1' }), true],
    [subset({ p: '1' }), undefined, false],
    [subset({ p: '1' }), subset({ p: '1' }), true],
    [subset({ p: '1' }), subset({ p: '1', q: '2' }), true],
    [subset({ p: '1', q: '2' }), subset({ p: '1' }), false],
    [subset({ p: '1' }), equals({ p: '1', q: '2' }), true],
    [subset({ p: '1' }), equals({ q: '2' }), false],
    [equals({ p: '1' }), equals({ p: '1' }), true],
    [equals({ p: '1' }), equals({ p: '1', q: '2' }), false],
    [equals({ p: '1' }), subset({ p: '1' }), false],
    [{ SourceArn: 'arn:a' }, undefined, false],
    [{ SourceArn: 'arn:a' }, { SourceArn: 'arn:a' }, true],
    [{ SourceArn: 'arn:a' }, { SourceArn: 'arn:b' }, false],
    [undefined, { SourceArn: 'arn:a' }, true],
  ])('of a parent %j let a child have %j: %s', (parent, child, isAllowed) => {
    expect(areAsStrict(readConstraints(child), readConstraints(parent))).toBe(isAllowed)
  })
})

it.each<[string, string, string]>([
  [
    'SYMMETRIC_DEFAULT',
    'ENCRYPT_DECRYPT',
    'Decrypt Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo',
  ],
  ['RSA_2048', 'ENCRYPT_DECRYPT', 'Decrypt Encrypt GetPublicKey ReEncryptFrom ReEncryptTo'],
  ['RSA_2048', 'SIGN_VERIFY', 'GetPublicKey Sign Verify'],
  ['ECC_NIST_P256', 'KEY_AGREEMENT', 'DeriveSharedSecret GetPublicKey'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', 'GenerateMac VerifyMac'],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', 'Decapsulate Encapsulate GetPublicKey'],
])('A grant on a key of spec %s for %s can permit %s', (spec, usage, operations) => {
  const expected = ['CreateGrant', 'DescribeKey', 'RetireGrant', ...operations.split(' ')]
  expect([...grantableOperations({ spec, usage })].sort()).toEqual(expected.sort())
})

it.each<[keyof typeof cast, string]>([
  ['rootUser', 'account 111122223333'],
  ['user', 'user AIDAURSULA0000000001, account 111122223333'],
  [
    'roleSession',
    'session AROAREADER0000000001:session-1, role AROAREADER0000000001, account 111122223333',
  ],
  [
    'federatedUser',
    'federated-user arn:aws:sts::111122223333:federated-user/frida, user AIDAURSULA0000000001, account 111122223333',
  ],
  ['cloudtrail', 'service cloudtrail.amazonaws.com'],
])('Grants know %s as %s', (name, expected) => {
  const names = granteeNames(cast[name] as Principal)
  expect(names.map((one) => `${one.kind} ${one.name}`).join(', ')).toBe(expected)
})
