// CreateRole as callers see it.
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, TRUST } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const create = (RoleName: string, AssumeRolePolicyDocument = TRUST, more: object = {}) => ({
  RoleName,
  AssumeRolePolicyDocument,
  ...more,
})
const trusting = (AWS: unknown) => allowing('sts:AssumeRole', { Principal: { AWS } })

it('CreateRole answers the role, as GetRole does afterwards', async () => {
  const more = {
    Path: '/x/',
    Description: 'of a test',
    MaxSessionDuration: 7200,
    Tags: [{ Key: 'k', Value: 'v' }],
    PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
  }
  const { Role } = await iam.call(
    'CreateRole',
    create('App', JSON.stringify(JSON.parse(TRUST), null, 1), more),
  )
  expect(Role).toEqual({
    Path: '/x/',
    RoleName: 'App',
    RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    Arn: arnOf('role/x/App'),
    CreateDate: expect.any(Date),
    AssumeRolePolicyDocument: encodeURIComponent(TRUST).replaceAll('*', '%2A'),
    Description: 'of a test',
    MaxSessionDuration: 7200,
    PermissionsBoundary: {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: more.PermissionsBoundary,
    },
    Tags: more.Tags,
  })
  expect(await iam.call('GetRole', { RoleName: 'app' })).toEqual({ Role })
})

it('CreateRole makes a role that those may assume whom it trusts', async () => {
  await makeHolder(iam, 'user', 'trusted')
  await makeHolder(iam, 'user', 'stranger')
  await iam.call('CreateRole', create('Trusting', trusting(arnOf('user/trusted'))))
  const assume = async (name: string) =>
    iam.server
      .sts({ credentials: await iam.keyOf(name) })
      .send(new AssumeRoleCommand({ RoleArn: arnOf('role/Trusting'), RoleSessionName: 'se' }))
  expect((await assume('trusted')).AssumedRoleUser?.Arn).toBe(
    'arn:aws:sts::111122223333:assumed-role/Trusting/se',
  )
  await expect(assume('stranger')).rejects.toThrow(/is not authorized to perform: sts:AssumeRole/)
})

it('CreateRole keeps whom it trusts by unique id: a user made anew inherits nothing', async () => {
  const named = await makeHolder(iam, 'user', 'phoenix')
  const { User } = await iam.call('GetUser', named)
  await iam.call('CreateRole', create('Ashes', trusting([User.Arn, arnOf('root')])))
  const trust = async () => {
    const { Role } = await iam.call('GetRole', { RoleName: 'Ashes' })
    return JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)).Statement[0].Principal.AWS
  }
  expect(await trust()).toEqual([User.Arn, arnOf('root')])
  await iam.call('DeleteUser', named)
  await makeHolder(iam, 'user', 'phoenix')
  expect(await trust()).toEqual([User.UserId, arnOf('root')])
})

it('CreateRole refuses trust policies that are none, too long, or trust who does not exist', async () => {
  const refused = (trust: string) => iam.refused('CreateRole', create('refused', trust))
  expect(await refused('{')).toBe('MalformedPolicyDocumentException 400: Syntax errors in policy.')
  const none = arnOf('user/none')
  expect(await refused(trusting(none))).toBe(
    `MalformedPolicyDocumentException 400: Invalid principal in policy: "AWS":"${none}"`,
  )
  expect(await refused(allowing('sts:AssumeRole'))).toMatch(/^MalformedPolicyDocumentException 400/)
  expect(await refused(allowing('sts:AssumeRole', { Principal: '*', Resource: '*' }))).toMatch(
    /^MalformedPolicyDocumentException 400/,
  )
  expect(await refused(allowing('sts:AssumeRole', { Principal: '*', Sid: 'x'.repeat(2048) }))).toBe(
    'LimitExceededException 409: Cannot exceed quota for ACLSizePerRole: 2048',
  )
})

it('CreateRole refuses names that are taken, sessions too long or short, and services’ paths', async () => {
  await iam.call('CreateRole', create('taken', TRUST, { MaxSessionDuration: 43_200 }))
  expect(await iam.refused('CreateRole', create('TAKEN'))).toBe(
    'EntityAlreadyExistsException 409: Role with name TAKEN already exists.',
  )
  for (const MaxSessionDuration of [3599, 43_201]) {
    const input = create('long', TRUST, { MaxSessionDuration })
    expect(await iam.refused('CreateRole', input)).toContain("at 'maxSessionDuration' failed")
  }
  const Path = '/aws-service-role/mrk.kms.amazonaws.com/'
  expect(await iam.refused('CreateRole', create('service', TRUST, { Path }))).toMatch(
    /^InvalidInputException 400: Path .* is reserved/,
  )
})

it('CreateRole needs iam:CreateRole on the role to be, and iam:TagRole where it is tagged', async () => {
  const arn = arnOf('role/needs')
  await iam.needs('CreateRole', create('needs', TRUST, { Tags: [{ Key: 'k', Value: 'v' }] }), [
    ['iam:CreateRole', arn],
    ['iam:TagRole', arn],
  ])
})
