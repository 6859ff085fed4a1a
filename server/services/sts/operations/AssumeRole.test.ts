// AssumeRole as callers see it, and what they may do afterwards.
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import {
  type AssumeRoleCommandInput,
  type Credentials,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { entityArn, type Role } from '../../iam/entities/entity.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { recordOf } from '../../kms/testing/recorded.ts'
import {
  assumeRole,
  deniedTo,
  type People,
  type Person,
  peopleOf,
  signingBy,
  trusting,
} from '../testing/people.ts'

let server: TestServer
let people: People
let alice: Person
let bob: Person
let reader: Role

beforeAll(async () => {
  server = await testServer()
  people = peopleOf(server)
  alice = await people.user('alice', {
    inline: [{ name: 'assume', document: allowing('sts:*') }],
  })
  bob = await people.user('bob')
  reader = await people.role('reader', {
    path: '/app/',
    trustPolicy: trusting(alice.user.id),
    inline: [{ name: 'kms', document: allowing('kms:*') }],
    maxSessionSeconds: 7200,
  })
})
afterAll(() => server.close())

const assume = (role: Role | string, more: Partial<AssumeRoleCommandInput> = {}, sts = alice.sts) =>
  assumeRole(sts, role, more)

const refused = async (...args: Parameters<typeof assume>) => {
  const { name, message } = await refusalOf(assume(...args))
  return `${name}: ${message}`
}

describe('AssumeRole', () => {
  it('gives credentials with which the caller is a session of the role', async () => {
    const answer = await assume(reader, { DurationSeconds: 900 })
    expect(answer.AssumedRoleUser).toEqual({
      AssumedRoleId: `${reader.id}:session-1`,
      Arn: 'arn:aws:sts::111122223333:assumed-role/reader/session-1',
    })
    const { AccessKeyId, Expiration } = answer.Credentials as Credentials
    expect(AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    const seconds = ((Expiration?.getTime() ?? 0) - Date.now()) / 1000
    expect(seconds).toBeGreaterThan(870)
    expect(seconds).toBeLessThanOrEqual(900)
    const credentials = signingBy(answer.Credentials)
    const { UserId, Arn } = await people.sts(credentials).send(new GetCallerIdentityCommand())
    expect([UserId, Arn]).toEqual([
      answer.AssumedRoleUser?.AssumedRoleId,
      answer.AssumedRoleUser?.Arn,
    ])
    const { KeyMetadata } = await server.kms({ credentials }).send(new CreateKeyCommand())
    expect(KeyMetadata?.AWSAccountId).toBe('111122223333')
  })

  it('refuses the credentials without their token, and with the token of others', async () => {
    const mine = signingBy((await assume(reader)).Credentials)
    const others = signingBy((await assume(reader)).Credentials)
    const { sessionToken: _, ...without } = mine
    for (const credentials of [without, { ...mine, sessionToken: others.sessionToken }]) {
      const kms = server.kms({ credentials })
      expect(await refusalOf(kms.send(new ListKeysCommand()))).toMatchObject({
        name: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      })
    }
  })

  it('cuts the session to what role and session policy both allow', async () => {
    const { KeyMetadata } = await server.kms().send(new CreateKeyCommand())
    const KeyId = KeyMetadata?.KeyId
    const only = allowing('kms:DescribeKey')
    const credentials = signingBy((await assume(reader, { Policy: only })).Credentials)
    const kms = server.kms({ credentials })
    expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyId).toBe(KeyId)
    expect(await refusalOf(kms.send(new ListKeysCommand()))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('because no session policy allows the kms:ListKeys action'),
    })
    // A session policy gives nothing that the role has not.
    const more = signingBy((await assume(reader, { Policy: allowing('*') })).Credentials)
    expect(await refusalOf(assume(reader, {}, people.sts(more)))).toMatchObject({
      name: 'AccessDenied',
    })
  })

  it('denies with the same words whether the role is missing or trusts others', async () => {
    const nobody = await people.role('nobody', { trustPolicy: trusting(bob.user.id) })
    const missing = 'arn:aws:iam::111122223333:role/missing'
    const elsewhere = 'arn:aws:iam::999999999999:role/missing'
    expect(await refused(nobody)).toBe(deniedTo(alice, entityArn('role', nobody)))
    expect(await refused(missing)).toBe(deniedTo(alice, missing))
    expect(await refused(elsewhere)).toBe(deniedTo(alice, elsewhere))
  })

  it('needs no permission of a user the trust policy names, and one where it names the account', async () => {
    const named = await people.role('named', { trustPolicy: trusting(bob.user.id) })
    const delegating = await people.role('delegating', { trustPolicy: trusting('111122223333') })
    expect((await assume(named, {}, bob.sts)).Credentials).toBeDefined()
    expect(await refused(delegating, {}, bob.sts)).toBe(
      deniedTo(bob, entityArn('role', delegating)),
    )
    expect((await assume(delegating)).Credentials).toBeDefined()
  })

  it('is allowed and denied by the tags of the role, under both of their names', async () => {
    const tagged = (name: string, stage: string) =>
      people.role(name, {
        trustPolicy: trusting('111122223333'),
        tags: [{ key: 'Stage', value: stage }],
      })
    const [test, production] = [await tagged('test', 'test'), await tagged('prod', 'production')]
    const untagged = await people.role('untagged', { trustPolicy: trusting('111122223333') })
    const only = (key: string) => ({
      Resource: '*',
      Condition: { StringEquals: { [key]: 'test' } },
    })
    for (const key of ['aws:ResourceTag/stage', 'iam:ResourceTag/stage']) {
      const { sts } = await people.user(`by-${key.slice(0, 3)}`, {
        inline: [{ name: 'p', document: allowing('sts:AssumeRole', only(key)) }],
      })
      expect((await assume(test, {}, sts)).Credentials).toBeDefined()
      for (const role of [production, untagged]) {
        expect(await refused(role, {}, sts)).toContain('AccessDenied')
      }
    }
    const { sts } = await people.user('kept-out', {
      inline: [
        { name: 'all', document: allowing('sts:*') },
        {
          name: 'but',
          document: allowing('sts:AssumeRole', {
            Effect: 'Deny',
            Resource: '*',
            Condition: { StringEquals: { 'aws:ResourceTag/Stage': 'production' } },
          }),
        },
      ],
    })
    expect((await assume(test, {}, sts)).Credentials).toBeDefined()
    expect(await refused(production, {}, sts)).toContain('AccessDenied')
  })

  it('is never for the root user', async () => {
    const open = await people.role('open', { trustPolicy: trusting('*') })
    expect(await refused(open, {}, server.sts())).toBe(
      'AccessDenied: Roles may not be assumed by root accounts.',
    )
  })

  it('asks for the external id that the trust policy wants', async () => {
    const condition = { Condition: { StringEquals: { 'sts:ExternalId': 'agreed/1' } } }
    const external = await people.role('external', {
      trustPolicy: trusting(alice.user.id, condition),
    })
    for (const ExternalId of [undefined, 'agreed/2']) {
      expect(await refused(external, { ExternalId })).toBe(
        deniedTo(alice, entityArn('role', external)),
      )
    }
    expect((await assume(external, { ExternalId: 'agreed/1' })).Credentials).toBeDefined()
  })

  it('lasts no longer than the role allows, and an hour where a session begins it', async () => {
    expect(await refused(reader, { DurationSeconds: 7201 })).toBe(
      'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
    expect((await assume(reader, { DurationSeconds: 7200 })).Credentials).toBeDefined()
    const second = await people.role('second', {
      trustPolicy: trusting(reader.id),
      maxSessionSeconds: 7200,
    })
    const chained = people.sts(signingBy((await assume(reader)).Credentials))
    expect(await refused(second, { DurationSeconds: 3601 }, chained)).toBe(
      'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
    expect((await assume(second, { DurationSeconds: 3600 }, chained)).Credentials).toBeDefined()
  })

  it.each([
    [{ RoleSessionName: 'x' }, /^ValidationError: 1 validation error detected: .*roleSessionName/],
    [
      { RoleSessionName: 'a b' },
      /^ValidationError: 1 validation error detected: .*roleSessionName/,
    ],
    [{ DurationSeconds: 899 }, /^ValidationError: 1 validation error detected: .*durationSeconds/],
    [{ RoleArn: 'arn:aws:iam::111122223333:user/alice' }, /^ValidationError: .* is invalid$/],
    [{ Policy: '{"Version":' }, /^MalformedPolicyDocumentException: /],
    [{ Policy: 'x'.repeat(2049) }, /^ValidationError: .*less than or equal to 2048/],
    [{ PolicyArns: [{ arn: 'arn:aws:iam::111122223333:role/x' }] }, /^ValidationError: The spec/],
    [
      { PolicyArns: Array(11).fill({ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }) },
      /^ValidationError: The number of managed policies/,
    ],
    [
      {
        Tags: [
          { Key: 'a', Value: '' },
          { Key: 'A', Value: '' },
        ],
      },
      /^InvalidParameterValue: Dupl/,
    ],
    [{ Tags: [{ Key: 'aws:x', Value: '' }] }, /^InvalidParameterValue: Tags may hold/],
    [{ TransitiveTagKeys: ['a'] }, /^InvalidParameterValue: The specified transitive tag key/],
    [{ SerialNumber: 'GAHT12345678', TokenCode: '123456' }, /^AccessDenied: MultiFactorAuth/],
  ])('refuses %j', async (more, told) => {
    expect(await refused(reader, more as Partial<AssumeRoleCommandInput>)).toMatch(told)
  })
})

it('AssumeRole is recorded with the access key it gave, and neither secret nor token', async () => {
  const assumed = assume(reader, { RoleSessionName: 'recorded' })
  const answer = await assumed
  const record = await recordOf(server, assumed)
  expect(record).toMatchObject({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    userIdentity: { type: 'IAMUser', userName: 'alice' },
    requestParameters: { roleArn: entityArn('role', reader), roleSessionName: 'recorded' },
    responseElements: {
      credentials: {
        accessKeyId: answer.Credentials?.AccessKeyId,
        expiration: expect.any(String),
      },
      assumedRoleUser: { arn: 'arn:aws:sts::111122223333:assumed-role/reader/recorded' },
    },
    resources: [{ type: 'AWS::IAM::Role', ARN: entityArn('role', reader) }],
  })
  const text = JSON.stringify(record)
  expect(text).not.toContain(answer.Credentials?.SecretAccessKey)
  expect(text).not.toContain(answer.Credentials?.SessionToken)
})
