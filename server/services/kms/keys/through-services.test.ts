// Keys that services use, in each of the ways in which they do: on behalf of a caller, for a resource of
// theirs, as themselves. The service is a depot that keeps nothing; all else is the product.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DepotRequest, depot } from '../../../testing/depot.ts'
import { callDepot, type Signing } from '../../../testing/depot-client.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { sts } from '../../sts/service.ts'
import { type People, type Person, peopleOf, trusting } from '../../sts/testing/people.ts'
import { kms } from '../service.ts'
import { recordOf } from '../testing/recorded.ts'

const ACCOUNT = '111122223333'
const VIA_S3 = 's3.us-east-1.amazonaws.com'

let server: TestServer
let root: KMSClient
let people: People
/** Of alice: what the depot asks for, nothing of KMS. */
let alice: Person
/** Both. */
let bob: Person

beforeAll(async () => {
  server = await testServer({ services: [kms, sts, depot('s3'), depot('cloudtrail')] })
  root = server.kms()
  people = peopleOf(server)
  const s3 = { name: 's3', document: allowing('s3:*') }
  alice = await people.user('alice', { inline: [s3] })
  bob = await people.user('bob', {
    inline: [
      s3,
      { name: 'kms', document: allowing('kms:*') },
      { name: 'trail', document: allowing('cloudtrail:*') },
    ],
  })
})
afterAll(() => server.close())

const delegation = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
}

/** A key with these statements, which nobody needs to be able to change. */
async function keyWith(...statements: object[]): Promise<string> {
  const { KeyMetadata } = await root.send(
    new CreateKeyCommand({
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      BypassPolicyLockoutSafetyCheck: true,
    }),
  )
  return KeyMetadata?.Arn as string
}

const allow = (more: object, action = 'kms:*') => ({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/alice` },
  Action: action,
  Resource: '*',
  ...more,
})

const put = (KeyId: string, who: Signing, more: Partial<DepotRequest> = {}, service = 's3') =>
  callDepot(server, service, 'Use', { As: 'caller', KeyId, Text: 'note', ...more }, who)
const direct = (person: Person) => server.kms({ credentials: person.credentials })

/** The records of calls on the key since the trail began, of this event. */
function recordsOn(arn: string, eventName: string): Record<string, unknown>[] {
  const directory = join(server.directory, 'trail')
  return readdirSync(directory)
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line.includes(arn) && line.includes(`"eventName":"${eventName}"`))
    .map((line) => JSON.parse(line))
}

describe('On behalf of a caller', () => {
  it('a service encrypts and decrypts with a key that the caller may use', async () => {
    const key = await keyWith(delegation)
    const { Blob: blob } = await put(key, bob.credentials, { Item: 'a' })
    const request = { As: 'caller', Blob: blob as string, Item: 'a' }
    const got = await callDepot(server, 's3', 'Use', request, bob.credentials)
    expect(got.Text).toBe('note')
    const other = await refusalOf(
      callDepot(server, 's3', 'Use', { ...request, Item: 'b' }, bob.credentials),
    )
    expect(other).toMatchObject({ name: 'KeyUnusable', message: 'InvalidCiphertextException: ' })
  })

  it('the permission for the service is none for the key', async () => {
    const key = await keyWith(delegation)
    const refused = await refusalOf(put(key, alice.credentials))
    expect(refused.name).toBe('AccessDeniedException')
    expect(refused.message).toBe(
      `User: arn:aws:iam::${ACCOUNT}:user/alice is not authorized to perform: kms:Encrypt on resource: ${key} because no identity-based policy allows the kms:Encrypt action`,
    )
  })

  it('what is allowed only via the service is refused directly, and allowed through it', async () => {
    const condition = { StringEquals: { 'kms:ViaService': VIA_S3 } }
    const key = await keyWith(allow({ Condition: condition }))
    const refused = await refusalOf(
      direct(alice).send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') })),
    )
    expect(refused.name).toBe('AccessDeniedException')
    expect((await put(key, alice.credentials)).Blob).toMatch(/./)
    // Another service is another way.
    const elsewhere = await refusalOf(put(key, bob.credentials, {}, 'cloudtrail'))
    expect(elsewhere.name).toBe('AccessDeniedException')
  })

  it('what is denied but via the service is denied to an administrator who comes directly', async () => {
    const key = await keyWith(delegation, {
      ...delegation,
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Condition: { StringNotEquals: { 'kms:ViaService': VIA_S3 } },
    })
    const refused = await refusalOf(direct(bob).send(new DescribeKeyCommand({ KeyId: key })))
    expect(refused.message).toContain('with an explicit deny in a resource-based policy')
    expect((await put(key, bob.credentials)).Blob).toMatch(/./)
  })

  it.each([
    ['aws:ViaAWSService', { Bool: { 'aws:ViaAWSService': 'true' } }],
    ['aws:CalledViaFirst', { StringEquals: { 'aws:CalledViaFirst': 's3.amazonaws.com' } }],
    ['aws:CalledViaLast', { StringEquals: { 'aws:CalledViaLast': 's3.amazonaws.com' } }],
    ['aws:CalledVia', { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 's3.amazonaws.com' } }],
  ])('%s tells the service, and is not so directly', async (_name, condition) => {
    const key = await keyWith(allow({ Condition: condition }))
    expect((await put(key, alice.credentials)).Blob).toMatch(/./)
    const asked = direct(alice).send(new DescribeKeyCommand({ KeyId: key }))
    expect((await refusalOf(asked)).name).toBe('AccessDeniedException')
  })

  it('the caller stays who they are, where they are: no AWS service', async () => {
    const condition = {
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
      IpAddress: { 'aws:SourceIp': '127.0.0.1' },
      StringEquals: { 'kms:CallerAccount': ACCOUNT, 'aws:username': 'alice' },
    }
    const key = await keyWith(allow({ Condition: condition }))
    expect((await put(key, alice.credentials)).Blob).toMatch(/./)
  })

  it('a session policy cuts what the service may do', async () => {
    const key = await keyWith(delegation)
    const role = await people.role('depositor', {
      trustPolicy: trusting(bob.user.id),
      inline: [{ name: 'all', document: allowing('*') }],
    })
    const assume = async (Policy?: string) => {
      const { Credentials: given } = await bob.sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${ACCOUNT}:role/${role.name}`,
          RoleSessionName: 'one',
          Policy,
        }),
      )
      return {
        accessKeyId: given?.AccessKeyId as string,
        secretAccessKey: given?.SecretAccessKey as string,
        sessionToken: given?.SessionToken as string,
      }
    }
    expect((await put(key, await assume())).Blob).toMatch(/./)
    const refused = await refusalOf(put(key, await assume(allowing('s3:*'))))
    expect(refused.message).toContain('because no session policy allows the kms:Encrypt action')
  })

  it('a key policy that was changed counts for the next request, and so does a disabled key', async () => {
    const key = await keyWith(allow({}), delegation)
    await put(key, alice.credentials)
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [delegation] })
    await root.send(new PutKeyPolicyCommand({ KeyId: key, Policy }))
    expect((await refusalOf(put(key, alice.credentials))).name).toBe('AccessDeniedException')
    await root.send(new DisableKeyCommand({ KeyId: key }))
    // The service tells in its own way what KMS threw.
    expect(await refusalOf(put(key, bob.credentials))).toMatchObject({
      name: 'KeyUnusable',
      message: `DisabledException: ${key} is disabled.`,
    })
    await root.send(new EnableKeyCommand({ KeyId: key }))
    expect((await put(key, bob.credentials)).Blob).toMatch(/./)
  })

  it('the record tells the caller, and the service in the place of address and agent', async () => {
    const key = await keyWith(delegation)
    const outer = await put(key, bob.credentials, { Item: 'A' })
    const [record] = recordsOn(key, 'Encrypt')
    expect(record).toMatchObject({
      eventSource: 'kms.amazonaws.com',
      userIdentity: {
        type: 'IAMUser',
        arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
        accessKeyId: bob.credentials.accessKeyId,
        invokedBy: 's3.amazonaws.com',
      },
      sourceIPAddress: 's3.amazonaws.com',
      userAgent: 's3.amazonaws.com',
      requestParameters: { keyId: key, encryptionContext: { Item: 'A' } },
      recipientAccountId: ACCOUNT,
    })
    expect(record?.requestID).not.toBe(outer.$metadata.requestId)
    const own = await recordOf(server, Promise.resolve(outer))
    expect(own).toMatchObject({ eventSource: 's3.amazonaws.com', eventName: 'Use' })
    expect(own.userIdentity).not.toHaveProperty('invokedBy')
    expect(own.sourceIPAddress).toBe('127.0.0.1')
  })

  it('a denial is recorded for both calls', async () => {
    const key = await keyWith(delegation)
    const outer = put(key, alice.credentials)
    expect(await recordOf(server, outer)).toMatchObject({ errorCode: 'AccessDenied' })
    expect(recordsOn(key, 'Encrypt')).toMatchObject([
      { errorCode: 'AccessDenied', userIdentity: { invokedBy: 's3.amazonaws.com' } },
    ])
  })

  it('the record of the call within stands where the change around it fails', async () => {
    const key = await keyWith(delegation)
    const request = { As: 'caller', KeyId: key, Text: 'note' }
    const outer = callDepot(server, 's3', 'Keep', request, bob.credentials)
    expect((await refusalOf(outer)).message).toBe('the depot is full')
    expect(await recordOf(server, outer)).toMatchObject({ errorCode: 'KeyUnusable' })
    const records = recordsOn(key, 'Encrypt')
    expect(records).toHaveLength(1)
    expect(records[0]).not.toHaveProperty('errorCode')
  })
})

describe('As itself', () => {
  const trail = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/main`
  const service = (more: object = {}) => ({
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: 'kms:Encrypt',
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceArn': trail, 'aws:SourceAccount': ACCOUNT } },
    ...more,
  })
  const asTrail = (KeyId: string, Source: string, name = 'cloudtrail') =>
    put(KeyId, server.credentials, { As: 'service', Source }, name)

  it('a service that the key policy names uses the key, for that resource only', async () => {
    const key = await keyWith(service())
    expect((await asTrail(key, trail)).Blob).toMatch(/./)
    const refused = await refusalOf(asTrail(key, `${trail}-2`))
    expect(refused.message).toBe(
      `User: cloudtrail.amazonaws.com is not authorized to perform: kms:Encrypt on resource: ${key} because no resource-based policy allows the kms:Encrypt action`,
    )
    expect((await refusalOf(asTrail(key, trail, 's3'))).name).toBe('AccessDeniedException')
  })

  it('nobody else is let in by that, on their own or through the service', async () => {
    const key = await keyWith(service())
    const asked = direct(bob).send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') }))
    expect((await refusalOf(asked)).name).toBe('AccessDeniedException')
    const through = put(key, bob.credentials, {}, 'cloudtrail')
    expect((await refusalOf(through)).name).toBe('AccessDeniedException')
  })

  it('it has no use of what the account delegates to IAM', async () => {
    const key = await keyWith(delegation)
    expect((await refusalOf(asTrail(key, trail))).name).toBe('AccessDeniedException')
  })

  it('aws:PrincipalIsAWSService tells it, and there is no address it comes from', async () => {
    const key = await keyWith(
      service({ Condition: { Bool: { 'aws:PrincipalIsAWSService': 'true' } } }),
      ...['aws:SourceIp', 'kms:ViaService', 'aws:CalledVia'].map((name) => ({
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:*',
        Resource: '*',
        Condition: { Null: { [name]: 'false' } },
      })),
    )
    expect((await asTrail(key, trail)).Blob).toMatch(/./)
  })

  it('the owner of the key is told of the service, and of nobody else', async () => {
    const key = await keyWith(service())
    await asTrail(key, trail)
    const records = recordsOn(key, 'Encrypt').filter(
      ({ recipientAccountId }) => recipientAccountId === ACCOUNT,
    )
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
      sourceIPAddress: 'cloudtrail.amazonaws.com',
      userAgent: 'cloudtrail.amazonaws.com',
      resources: [{ accountId: ACCOUNT, ARN: key }],
      sharedEventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(Object.keys(records[0]?.userIdentity as object)).toEqual(['type', 'invokedBy'])
  })
})

describe('Through a grant', () => {
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-9`
  const queue = `arn:aws:s3:::${ACCOUNT}-notes`
  const use = (KeyId: string, more: Partial<DepotRequest>) =>
    put(KeyId, server.credentials, { As: 'infrastructure', Session: 'i-9', ...more })

  it('a session for a resource uses the key, as the grant says, until it is revoked', async () => {
    const KeyId = await keyWith(delegation)
    expect((await refusalOf(use(KeyId, { Item: 'a' }))).name).toBe('AccessDeniedException')
    const { GrantId } = await root.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: session,
        Operations: ['Encrypt'],
        Constraints: { EncryptionContextSubset: { Item: 'a' } },
      }),
    )
    expect((await use(KeyId, { Item: 'a' })).Blob).toMatch(/./)
    for (const other of [{ Item: 'b' }, { Item: 'a', Session: 'i-8' }]) {
      expect((await refusalOf(use(KeyId, other))).name).toBe('AccessDeniedException')
    }
    await root.send(new RevokeGrantCommand({ KeyId, GrantId }))
    expect((await refusalOf(use(KeyId, { Item: 'a' }))).name).toBe('AccessDeniedException')
  })

  it('a service uses the key as itself, for the resource of the grant', async () => {
    const KeyId = await keyWith(delegation)
    await root.send(
      new CreateGrantCommand({
        KeyId,
        GranteeServicePrincipal: 's3.amazonaws.com',
        RetiringPrincipal: `arn:aws:iam::${ACCOUNT}:root`,
        Operations: ['Encrypt'],
        Constraints: { SourceArn: queue },
      }),
    )
    const asGrantee = { As: 'grantee', Source: queue }
    expect((await use(KeyId, asGrantee)).Blob).toMatch(/./)
    const elsewhere = use(KeyId, { ...asGrantee, Source: `${queue}-2` })
    expect((await refusalOf(elsewhere)).name).toBe('AccessDeniedException')
    const [record] = recordsOn(KeyId, 'Encrypt')
    expect(record).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 's3.amazonaws.com' },
      recipientAccountId: ACCOUNT,
    })
  })
})

describe('For a resource', () => {
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-1`
  const asInstance = (KeyId: string, Session: string) =>
    put(KeyId, server.credentials, { As: 'infrastructure', Session })

  it('a session of the service is let in by its own name alone', async () => {
    const key = await keyWith(allow({ Principal: { AWS: session } }, 'kms:Encrypt'), delegation)
    expect((await asInstance(key, 'i-1')).Blob).toMatch(/./)
    const refused = await refusalOf(asInstance(key, 'i-2'))
    expect(refused.message).toContain('assumed-role/aws:ec2-infrastructure/i-2 is not authorized')
  })

  it('the record tells the session, and the service that runs it', async () => {
    const key = await keyWith(allow({ Principal: { AWS: session } }, 'kms:Encrypt'))
    await asInstance(key, 'i-1')
    expect(recordsOn(key, 'Encrypt')).toMatchObject([
      {
        userIdentity: {
          type: 'AssumedRole',
          principalId: `${ACCOUNT}:aws:ec2-infrastructure:i-1`,
          arn: session,
          accountId: ACCOUNT,
          accessKeyId: '',
          sessionContext: {
            sessionIssuer: {
              type: 'Role',
              principalId: `${ACCOUNT}:aws:ec2-infrastructure`,
              arn: `arn:aws:iam::${ACCOUNT}:role/aws:ec2-infrastructure`,
              accountId: ACCOUNT,
              userName: 'aws:ec2-infrastructure',
            },
          },
        },
        sourceIPAddress: 's3.amazonaws.com',
        recipientAccountId: ACCOUNT,
      },
    ])
  })
})
