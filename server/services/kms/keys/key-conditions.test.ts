// Which condition keys each call about a key has, and with which values.
import { describe, expect, it } from 'vitest'
import type { Call } from '../../../contract/call.ts'
import type { Key } from './key.ts'
import { type KeyRequest, keyConditions, newKeyConditions } from './key-conditions.ts'

const call = {
  caller: { account: '444455556666' },
  region: 'eu-west-1',
  via: [],
} as unknown as Call
const key = {
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  attributes: {
    tags: [
      { key: 'Team', value: 'red' },
      { key: 'stage', value: '' },
    ],
    aliases: ['alias/app', 'alias/old'],
  },
} as unknown as Key

const ALWAYS = { 'kms:CallerAccount': '444455556666', 'kms:GrantIsForAWSResource': 'false' }
const KIND = {
  'kms:KeySpec': 'SYMMETRIC_DEFAULT',
  'kms:KeyUsage': 'ENCRYPT_DECRYPT',
  'kms:KeyOrigin': 'AWS_KMS',
  'kms:MultiRegion': 'false',
  'kms:CustomerMasterKeySpec': 'SYMMETRIC_DEFAULT',
  'kms:CustomerMasterKeyUsage': 'ENCRYPT_DECRYPT',
}
const ATTRIBUTES = {
  ...ALWAYS,
  ...KIND,
  'kms:ResourceAliases': ['alias/app', 'alias/old'],
  'aws:ResourceTag/Team': 'red',
  'aws:ResourceTag/stage': '',
}
const EVERYTHING: KeyRequest = {
  KeyId: 'arn:aws:kms:us-east-1:111122223333:alias/app',
  EncryptionContext: { tenant: 'a', __proto__x: 'b' },
  EncryptionAlgorithm: 'RSAES_OAEP_SHA_1',
  KeyPairSpec: 'RSA_2048',
  SigningAlgorithm: 'ECDSA_SHA_256',
  MessageType: 'DIGEST',
  MacAlgorithm: 'HMAC_SHA_256',
  KeyAgreementAlgorithm: 'ECDH',
  Tags: [{ TagKey: 'Team', TagValue: 'blue' }],
  TagKeys: ['stage'],
  RotationPeriodInDays: 90,
  PendingWindowInDays: 7,
  BypassPolicyLockoutSafetyCheck: true,
  WrappingAlgorithm: 'RSAES_OAEP_SHA_1',
  WrappingKeySpec: 'RSA_4096',
  ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  ValidTo: new Date('2030-01-01T00:00:00Z'),
  daysWithoutUsage: 12,
  ReplicaRegion: 'eu-west-1',
  PrimaryRegion: 'ap-south-1',
  isSameKey: true,
  Operations: ['Encrypt', 'DescribeKey'],
  Constraints: { EncryptionContextSubset: { Tenant: 'a' }, SourceArn: 'arn:x' },
  GranteePrincipal: 'arn:g',
  RetiringPrincipal: 'arn:r',
  GranteeServicePrincipal: 'g.amazonaws.com',
  RetiringServicePrincipal: 'r.amazonaws.com',
}
const ALIAS = { 'kms:RequestAlias': 'alias/app' }
const SYMMETRIC = {
  ...ALIAS,
  'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_1',
  'kms:EncryptionContextKeys': ['tenant', '__proto__x'],
  'kms:EncryptionContext:tenant': 'a',
  'kms:EncryptionContext:__proto__x': 'b',
}
const SIGNING = { ...ALIAS, 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' }
const PAIR = { ...SYMMETRIC, 'kms:DataKeyPairSpec': 'RSA_2048' }
const RE_ENCRYPT = { ...SYMMETRIC, 'kms:ReEncryptOnSameKey': 'true' }
const GRANT = {
  'kms:GrantOperations': ['Encrypt', 'DescribeKey'],
  'kms:GrantConstraintType': ['EncryptionContextSubset'],
  'kms:EncryptionContextKeys': ['Tenant'],
  'kms:EncryptionContext:Tenant': 'a',
  'kms:GrantConstraintSourceArn': 'arn:x',
  'kms:GranteePrincipal': 'arn:g',
  'kms:RetiringPrincipal': 'arn:r',
  'kms:GranteeServicePrincipal': 'g.amazonaws.com',
  'kms:RetiringServicePrincipal': 'r.amazonaws.com',
}
const MAC = { ...ALIAS, 'kms:MacAlgorithm': 'HMAC_SHA_256' }

function keysOf(action: string, request: KeyRequest, ofKey: Key | undefined = key) {
  return Object.fromEntries(keyConditions(action, ofKey, request, call))
}

describe('The condition keys of a call about a key', () => {
  it('tell the service that passed the request on, and of several the last', () => {
    const via = ['cloudformation.amazonaws.com', 's3.amazonaws.com']
    const passed = Object.fromEntries(keyConditions('kms:Encrypt', key, {}, { ...call, via }))
    expect(passed['kms:ViaService']).toBe('s3.eu-west-1.amazonaws.com')
    expect(keysOf('kms:Encrypt', {})).not.toHaveProperty('kms:ViaService')
    expect(passed['kms:GrantIsForAWSResource']).toBe('false')
    const granting = Object.fromEntries(keyConditions('kms:CreateGrant', key, {}, { ...call, via }))
    expect(granting['kms:GrantIsForAWSResource']).toBe('true')
  })

  it.each<[string, object]>([
    ['kms:Encrypt', SYMMETRIC],
    ['kms:Decrypt', SYMMETRIC],
    ['kms:GenerateDataKey', SYMMETRIC],
    ['kms:GenerateDataKeyWithoutPlaintext', SYMMETRIC],
    ['kms:GenerateDataKeyPair', PAIR],
    ['kms:GenerateDataKeyPairWithoutPlaintext', PAIR],
    ['kms:ReEncryptFrom', RE_ENCRYPT],
    ['kms:ReEncryptTo', RE_ENCRYPT],
    ['kms:Sign', SIGNING],
    ['kms:Verify', SIGNING],
    ['kms:GenerateMac', MAC],
    ['kms:VerifyMac', MAC],
    ['kms:DeriveSharedSecret', { ...ALIAS, 'kms:KeyAgreementAlgorithm': 'ECDH' }],
    ['kms:Encapsulate', ALIAS],
    ['kms:Decapsulate', ALIAS],
    ['kms:DescribeKey', ALIAS],
    ['kms:GetPublicKey', ALIAS],
    ['kms:TagResource', { 'aws:TagKeys': ['Team'], 'aws:RequestTag/Team': 'blue' }],
    ['kms:UntagResource', { 'aws:TagKeys': ['stage'] }],
    ['kms:EnableKeyRotation', { 'kms:RotationPeriodInDays': '90' }],
    [
      'kms:ScheduleKeyDeletion',
      {
        'kms:ScheduleKeyDeletionPendingWindowInDays': '7',
        'kms:TrailingDaysWithoutKeyUsage': '12',
      },
    ],
    ['kms:PutKeyPolicy', { 'kms:BypassPolicyLockoutSafetyCheck': 'true' }],
    ['kms:CreateGrant', GRANT],
    ['kms:ListGrants', {}],
    [
      'kms:GetParametersForImport',
      { 'kms:WrappingAlgorithm': 'RSAES_OAEP_SHA_1', 'kms:WrappingKeySpec': 'RSA_4096' },
    ],
    [
      'kms:ImportKeyMaterial',
      {
        'kms:ExpirationModel': 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        'kms:ValidTo': '2030-01-01T00:00:00.000Z',
      },
    ],
    ['kms:ReplicateKey', { 'kms:ReplicaRegion': 'eu-west-1' }],
    ['kms:UpdatePrimaryRegion', { 'kms:PrimaryRegion': 'ap-south-1' }],
    ['kms:GetKeyPolicy', {}],
    ['kms:DisableKey', { 'kms:TrailingDaysWithoutKeyUsage': '12' }],
    ['kms:EnableKey', {}],
  ])('of %s are these and no others, whatever else the request holds', (action, expected) => {
    expect(keysOf(action, EVERYTHING)).toEqual({ ...ATTRIBUTES, ...expected })
  })

  it.each<[string, object]>([
    ['kms:Encrypt', { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' }],
    [
      'kms:ReEncryptTo',
      { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT', 'kms:ReEncryptOnSameKey': 'false' },
    ],
    ['kms:Sign', { 'kms:MessageType': 'RAW' }],
    ['kms:UntagResource', {}],
    ['kms:EnableKeyRotation', { 'kms:RotationPeriodInDays': '365' }],
    ['kms:ScheduleKeyDeletion', { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' }],
    ['kms:PutKeyPolicy', { 'kms:BypassPolicyLockoutSafetyCheck': 'false' }],
    ['kms:ImportKeyMaterial', { 'kms:ExpirationModel': 'KEY_MATERIAL_EXPIRES' }],
  ])('of %s with as little as possible are what AWS takes instead', (action, expected) => {
    expect(keysOf(action, { KeyId: 'id' })).toEqual({ ...ATTRIBUTES, ...expected })
  })

  it('tell the name of an alias only where the call named the key by it', () => {
    const named = (KeyId: string) => keysOf('kms:DescribeKey', { KeyId })['kms:RequestAlias']
    expect(named('alias/app')).toBe('alias/app')
    expect(named('arn:aws:kms:us-east-1:111122223333:alias/a/b')).toBe('alias/a/b')
    expect(named('arn:aws:kms:us-east-1:111122223333:key/alias/app')).toBeUndefined()
    expect(named('00000000-1111-4222-8333-444444444444')).toBeUndefined()
  })

  it('tell of a key for imported material', () => {
    const imported = keysOf('kms:Encrypt', {}, { ...key, origin: 'EXTERNAL' })
    expect(imported['kms:KeyOrigin']).toBe('EXTERNAL')
  })

  it('of a multi-Region key tell its part among its related keys', () => {
    const multiRegion = { primary: 'us-east-1', replicas: ['eu-west-1'] }
    for (const [region, type] of [
      ['us-east-1', 'PRIMARY'],
      ['eu-west-1', 'REPLICA'],
    ] as const) {
      expect(keysOf('kms:EnableKey', EVERYTHING, { ...key, region, multiRegion })).toEqual({
        ...ATTRIBUTES,
        'kms:MultiRegion': 'true',
        'kms:MultiRegionKeyType': type,
      })
    }
  })

  it('of a key that is missing tell of the request alone', () => {
    const missing = Object.fromEntries(
      keyConditions('kms:DescribeKey', undefined, { KeyId: 'alias/app' }, call),
    )
    expect(missing).toEqual({ ...ALWAYS, ...ALIAS })
  })
})

describe('The condition keys of CreateKey', () => {
  it('tell of the key as it will be, with the values that AWS takes for what is left out', () => {
    expect(Object.fromEntries(newKeyConditions({}))).toEqual({
      ...KIND,
      'kms:BypassPolicyLockoutSafetyCheck': 'false',
    })
    const asked = {
      KeySpec: 'RSA_4096',
      KeyUsage: 'SIGN_VERIFY',
      Origin: 'EXTERNAL',
      MultiRegion: true,
      BypassPolicyLockoutSafetyCheck: true,
      Tags: [{ TagKey: 'Team', TagValue: 'red' }],
    } as const
    expect(Object.fromEntries(newKeyConditions({ ...asked, Tags: [...asked.Tags] }))).toEqual({
      'kms:KeySpec': 'RSA_4096',
      'kms:CustomerMasterKeySpec': 'RSA_4096',
      'kms:KeyUsage': 'SIGN_VERIFY',
      'kms:CustomerMasterKeyUsage': 'SIGN_VERIFY',
      'kms:KeyOrigin': 'EXTERNAL',
      'kms:MultiRegion': 'true',
      'kms:MultiRegionKeyType': 'PRIMARY',
      'kms:BypassPolicyLockoutSafetyCheck': 'true',
      'aws:TagKeys': ['Team'],
      'aws:RequestTag/Team': 'red',
    })
  })
})
