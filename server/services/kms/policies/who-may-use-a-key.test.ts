// The story that key policies are for, through the SDKs alone: an account in which a pipeline (ci), an
// application (appA) and a person (person1) work, and an administrator who may do everything in IAM.
import * as iam from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type OperatedServer, operatedServer } from '../../../testing/operated-server.ts'
import { leastPrivilegePolicy, narrowerPolicy } from './generate.ts'

const ACCOUNT = '111122223333'
const OTHER = '444455556666'
const ARNS = {
  ci: `arn:aws:iam::${ACCOUNT}:user/ci`,
  appA: `arn:aws:iam::${ACCOUNT}:role/appA`,
  person1: `arn:aws:iam::${ACCOUNT}:user/person1`,
  administrator: `arn:aws:iam::${ACCOUNT}:user/administrator`,
}
type Name = keyof typeof ARNS
const allow = (Action: string | string[], Resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource } })

let server: OperatedServer
/** What each signs with. */
const credentials = new Map<string, Parameters<OperatedServer['kms']>[1] & object>()

/** Makes a user with an access key, and this identity policy where there is one. */
async function user(name: string, policy?: string, client = server.iam(0)): Promise<void> {
  await client.send(new iam.CreateUserCommand({ UserName: name }))
  if (policy !== undefined) {
    const input = { UserName: name, PolicyName: 'own', PolicyDocument: policy }
    await client.send(new iam.PutUserPolicyCommand(input))
  }
  const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName: name }))
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
  credentials.set(name, { accessKeyId, secretAccessKey })
}

const as = (name: string, worker: 0 | 1 = 0) => server.kms(worker, credentials.get(name))

/** `yes`, or what the caller was told. */
async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'yes',
    (error: Error) => error.name,
  )
}
const NO = 'AccessDeniedException'

const describeKey = (name: Name, KeyId: string) =>
  outcome(as(name).send(new kms.DescribeKeyCommand({ KeyId })))
const encrypt = (name: string, KeyId: string, worker: 0 | 1 = 0) =>
  outcome(as(name, worker).send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })))
const changePolicy = (name: Name, KeyId: string) =>
  outcome(as(name).send(new kms.PutKeyPolicyCommand({ KeyId, Policy: allow('kms:*') })))

async function newKey(Policy?: object): Promise<string> {
  const own = { Policy: JSON.stringify(Policy), BypassPolicyLockoutSafetyCheck: true }
  const made = await server.kms(0).send(new kms.CreateKeyCommand(Policy === undefined ? {} : own))
  return made.KeyMetadata?.Arn as string
}

/** Who may encrypt, in the order ci, appA, person1, administrator. */
const whoEncrypts = async (key: string) =>
  Promise.all((Object.keys(ARNS) as Name[]).map((name) => encrypt(name, key)))

beforeAll(async () => {
  server = await operatedServer()
  await server.serving
  await user('ci')
  await user('person1', allow('kms:*'))
  await user('administrator', allow('kms:*'))
  await user('machine', allow('sts:AssumeRole'))
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' },
  }
  await server.iam(0).send(
    new iam.CreateRoleCommand({
      RoleName: 'appA',
      AssumeRolePolicyDocument: JSON.stringify(trust),
    }),
  )
  const sts = new STSClient({
    endpoint: server.endpoints[0] as string,
    region: 'us-east-1',
    credentials: credentials.get('machine') as never,
  })
  const session = { RoleArn: ARNS.appA, RoleSessionName: 'instance-1' }
  const { Credentials } = await sts.send(new AssumeRoleCommand(session))
  credentials.set('appA', {
    accessKeyId: Credentials?.AccessKeyId as string,
    secretAccessKey: Credentials?.SecretAccessKey as string,
    sessionToken: Credentials?.SessionToken,
  })
})
afterAll(() => server.close())

describe('Who may use a key', () => {
  it('under the default policy is everybody who has rights in IAM', async () => {
    expect(await whoEncrypts(await newKey())).toEqual([NO, NO, 'yes', 'yes'])
  })

  it('under the narrower policy is whom it names, whatever IAM says', async () => {
    const key = await newKey(narrowerPolicy([ARNS.ci, ARNS.appA]))
    expect(await whoEncrypts(key)).toEqual(['yes', 'yes', NO, NO])
    expect(await outcome(server.kms(0).send(new kms.DescribeKeyCommand({ KeyId: key })))).toBe(NO)
  })

  it('under least privilege is each for what it is listed under', async () => {
    const key = await newKey(
      leastPrivilegePolicy({
        account: ACCOUNT,
        grants: {
          'administer-resource': [ARNS.ci, ARNS.person1],
          'read-config': [ARNS.ci, ARNS.person1],
          'read-data': [ARNS.appA, ARNS.person1],
          'write-data': [ARNS.appA, ARNS.person1],
          'delete-data': [ARNS.person1],
        },
        custom: { actions: [], principals: [] },
        style: 'allow-listed',
      }),
    )
    // ci administers, appA reads and writes, person1 does all of it, and an administrator nothing.
    expect(await whoEncrypts(key)).toEqual([NO, 'yes', 'yes', NO])
    expect(await describeKey('ci', key)).toBe('yes')
    expect(await describeKey('appA', key)).toBe(NO)
    expect(await describeKey('person1', key)).toBe('yes')
    expect(await describeKey('administrator', key)).toBe(NO)
    expect(await changePolicy('administrator', key)).toBe(NO)
    expect(await changePolicy('appA', key)).toBe(NO)
    const described = new kms.UpdateKeyDescriptionCommand({ KeyId: key, Description: 'of ci' })
    expect(await outcome(as('ci').send(described))).toBe('yes')
    expect(await outcome(as('administrator').send(described))).toBe(NO)
  })
})

describe('A key of another account', () => {
  it('is used where both accounts allow it, and not with one half', async () => {
    const { body } = await server.operator('CreateAccount', { AccountId: OTHER })
    const { AccessKeyId, SecretAccessKey } = body as Record<string, string>
    const root = { accessKeyId: AccessKeyId as string, secretAccessKey: SecretAccessKey as string }
    const theirs = new iam.IAMClient({
      endpoint: server.endpoints[0] as string,
      region: 'us-east-1',
      credentials: root,
    })
    await user('guest', allow('kms:Encrypt'), theirs)
    await user('stranger', undefined, theirs)
    const shared = await newKey({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' },
        { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 'kms:Encrypt', Resource: '*' },
      ],
    })
    expect(await encrypt('guest', shared)).toBe('yes')
    expect(await encrypt('stranger', shared)).toBe(NO)
    expect(await encrypt('guest', await newKey())).toBe(NO)
  })
})

describe('A grant', () => {
  it('lets its grantee in, and nobody any more once it is revoked', async () => {
    const KeyId = await newKey()
    expect(await encrypt('ci', KeyId)).toBe(NO)
    const owner = server.kms(0)
    const { GrantId } = await owner.send(
      new kms.CreateGrantCommand({ KeyId, GranteePrincipal: ARNS.ci, Operations: ['Encrypt'] }),
    )
    expect(await encrypt('ci', KeyId)).toBe('yes')
    await vi.waitFor(async () => expect(await encrypt('ci', KeyId, 1)).toBe('yes'), 1200)
    await owner.send(new kms.RevokeGrantCommand({ KeyId, GrantId }))
    // At once where it was revoked, and within the bound of the change feed elsewhere.
    expect(await encrypt('ci', KeyId)).toBe(NO)
    await vi.waitFor(async () => expect(await encrypt('ci', KeyId, 1)).toBe(NO), 1200)
  })
})
