// Each trap is found where somebody stepped into it, and nowhere else.
import { describe, expect, it } from 'vitest'
import { defaultKeyPolicy } from '../keys/key-policy.ts'
import { lintKeyPolicy } from './lint.ts'

const ACCOUNT = '111122223333'
const ROOT = `arn:aws:iam::${ACCOUNT}:root`
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
const ADMINISTRATION = {
  Sid: 'Administration',
  Effect: 'Allow',
  Principal: { AWS: ROLE },
  Action: 'kms:*',
  Resource: '*',
}
const allow = (more: object) => ({
  Effect: 'Allow',
  Principal: { AWS: ROLE },
  Action: 'kms:Decrypt',
  Resource: '*',
  ...more,
})
const deny = (more: object) => allow({ Effect: 'Deny', Principal: { AWS: '*' }, ...more })

/** What lint says of a sound policy with these statements added. */
function found(statements: readonly object[], top: object = { Version: '2012-10-17' }) {
  const text = JSON.stringify({ ...top, Statement: [ADMINISTRATION, ...statements] })
  return lintKeyPolicy(text, ACCOUNT).filter(
    ({ problem }) => !problem.includes('not named, so that'),
  )
}

describe('Lint finds', () => {
  it.each([
    ['a statement without Resource', allow({ Resource: undefined }), 'Without Resource'],
    ['a statement without Action', allow({ Action: undefined }), 'Without Action'],
    [
      'an alias as resource',
      allow({ Resource: 'arn:aws:kms:us-east-1:111122223333:alias/a' }),
      'is no key',
    ],
    [
      'Deny with NotPrincipal',
      deny({ Principal: undefined, NotPrincipal: { AWS: ROLE } }),
      'NotPrincipal',
    ],
    ['Allow with NotAction', allow({ Action: undefined, NotAction: 'kms:Decrypt' }), 'future'],
    ['an open door', allow({ Principal: '*' }), 'every account'],
    [
      'a service without a source',
      allow({ Principal: { Service: 'logs.amazonaws.com' } }),
      'deputy',
    ],
    ['a misspelled action', allow({ Action: 'kms:Decript' }), 'kms:Decript is no action'],
    ['an action without a key', allow({ Action: 'kms:ListKeys' }), 'kms:ListKeys is no action'],
    [
      'a Deny that hits services',
      deny({ Condition: { ArnNotEquals: { 'aws:PrincipalArn': ROLE } } }),
      'services too',
    ],
    [
      'a Deny that hits direct calls',
      deny({ Condition: { StringNotEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } }),
      'direct calls',
    ],
    [
      'ForAllValues in an Allow',
      allow({ Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } } }),
      'ForAllValues is true',
    ],
    [
      'MFA asked with Bool',
      deny({ Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }),
      'does not hit them',
    ],
    [
      'the ARN of a session',
      allow({
        Condition: {
          ArnLike: { 'aws:PrincipalArn': 'arn:aws:sts::111122223333:assumed-role/app/*' },
        },
      }),
      'never matches',
    ],
    [
      'a list without quantifier',
      allow({ Condition: { StringEquals: { 'kms:ResourceAliases': 'alias/a' } } }),
      'is a list',
    ],
    [
      'a context where there is none',
      allow({ Action: 'kms:*', Condition: { StringEquals: { 'kms:EncryptionContext:app': 'a' } } }),
      'kms:DescribeKey',
    ],
    [
      'the grant flag',
      deny({ Condition: { Bool: { 'kms:GrantIsForAWSResource': 'false' } } }),
      'AWS documents it',
    ],
    [
      'authority by alias',
      allow({ Condition: { StringEquals: { 'kms:RequestAlias': 'alias/a' } } }),
      'kms:UpdateAlias',
    ],
    [
      'authority by tag',
      allow({ Condition: { StringEquals: { 'aws:ResourceTag/Team': 'a' } } }),
      'kms:TagResource',
    ],
    [
      'everybody of an account',
      allow({ Principal: '*', Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT } } }),
      'every principal of the account',
    ],
    [
      'addresses in a Deny',
      deny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
      'address of its own',
    ],
    [
      'attestation where there is none',
      allow({
        Action: ['kms:Decrypt', 'kms:Encrypt'],
        Condition: { StringEquals: { 'kms:RecipientAttestation:PCR0': 'ab' } },
      }),
      'never allows kms:Encrypt',
    ],
    [
      'a measurement in capital letters',
      allow({ Condition: { StringEquals: { 'kms:RecipientAttestation:ImageSha384': 'AB' } } }),
      'AB never matches',
    ],
    [
      'a measurement in Base64',
      deny({
        Condition: { StringNotEqualsIgnoreCase: { 'kms:RecipientAttestation:PCR8': 'q6ur/w==' } },
      }),
      'lower-case hexadecimal',
    ],
  ])('%s', (_, statement, words) => {
    const findings = found([statement])
    expect(findings.map(({ problem }) => problem).join('\n')).toContain(words)
    for (const { where, advice } of findings) {
      expect(where).toBe('Statement[1]')
      expect(advice).not.toBe('')
    }
  })

  it('a policy that nobody can change', () => {
    const text = JSON.stringify({ Version: '2012-10-17', Statement: allow({}) })
    expect(lintKeyPolicy(text, ACCOUNT)).toContainEqual(
      expect.objectContaining({
        severity: 'wrong',
        where: '',
        problem: expect.stringMatching(/never be changed/),
      }),
    )
  })

  it('variables without the version that has them', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable.
    const user = '${aws:username}'
    const variable = allow({
      Condition: { StringEquals: { 'kms:EncryptionContext:u': user } },
    })
    expect(
      found([variable], {})
        .map(({ problem }) => problem)
        .join(),
    ).toContain('no variables')
    expect(found([variable])).toEqual([])
  })

  it('what the default key policy lets in', () => {
    expect(lintKeyPolicy(defaultKeyPolicy(ACCOUNT), ACCOUNT)).toEqual([
      expect.objectContaining({
        severity: 'note',
        problem: expect.stringContaining(`${ROOT} is not`),
      }),
    ])
  })

  it('what is no policy at all', () => {
    for (const text of ['', '{', '[]', '{"Statement":[{"Effect":"allow"}]}']) {
      expect(lintKeyPolicy(text, ACCOUNT)).toEqual([
        expect.objectContaining({
          severity: 'wrong',
          advice: expect.stringContaining('Correct this'),
        }),
      ])
    }
  })
})

describe('Lint says nothing of', () => {
  it.each([
    ['a plain Allow', allow({})],
    [
      'attestation for those that take a document',
      allow({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyPair'],
        Condition: {
          StringEqualsIgnoreCase: { 'kms:RecipientAttestation:PCR0': 'ABab01' },
          Null: { 'kms:RecipientAttestation:PCR1': 'false' },
        },
      }),
    ],
    ['every action by pattern', allow({ Action: ['kms:ReEncrypt*', 'kms:Generate*'] })],
    [
      'a Deny that spares services',
      deny({
        Condition: {
          ArnNotEquals: { 'aws:PrincipalArn': ROLE },
          Bool: { 'aws:PrincipalIsAWSService': 'false' },
        },
      }),
    ],
    [
      'ForAllValues with Null',
      allow({
        Condition: {
          'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' },
          Null: { 'aws:TagKeys': 'false' },
        },
      }),
    ],
    [
      'MFA asked with BoolIfExists',
      deny({ Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } }),
    ],
    [
      'a context with cryptography',
      allow({ Condition: { StringEquals: { 'kms:EncryptionContext:app': 'a' } } }),
    ],
    [
      'a list with its quantifier',
      deny({ Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/a' } } }),
    ],
    [
      'a service tied to its source',
      allow({
        Principal: { Service: 'logs.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
      }),
    ],
  ])('%s', (_, statement) => {
    expect(found([statement])).toEqual([])
  })
})
