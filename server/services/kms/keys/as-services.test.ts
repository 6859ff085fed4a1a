// Keys that services use without a caller: as themselves, through a grant, for a resource of theirs. The service
// is a depot that keeps nothing; all else is the product.
import {
  CreateGrantCommand,
  EncryptCommand,
  type KMSClient,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DepotRequest } from '../../../testing/depot.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import type { Person } from '../../sts/testing/people.ts'
import {
  ACCOUNT,
  allow,
  delegation,
  depotServer,
  keyWith,
  put,
  recordsOn,
} from '../testing/depots.ts'

let server: TestServer
let root: KMSClient
/** May use the depots, and all of KMS. */
let bob: Person
beforeAll(async () => {
  const made = await depotServer()
  server = made.server
  root = server.kms()
  bob = made.bob
})
afterAll(() => server.close())

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
    put(server, KeyId, server.credentials, { As: 'service', Source }, name)

  it('a service that the key policy names uses the key, for that resource only', async () => {
    const key = await keyWith(root, service())
    expect((await asTrail(key, trail)).Blob).toMatch(/./)
    const refused = await refusalOf(asTrail(key, `${trail}-2`))
    expect(refused.message).toBe(
      `User: cloudtrail.amazonaws.com is not authorized to perform: kms:Encrypt on resource: ${key} because no resource-based policy allows the kms:Encrypt action`,
    )
    expect((await refusalOf(asTrail(key, trail, 's3'))).name).toBe('AccessDeniedException')
  })

  it('nobody else is let in by that, on their own or through the service', async () => {
    const key = await keyWith(root, service())
    const asked = server
      .kms({ credentials: bob.credentials })
      .send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') }))
    expect((await refusalOf(asked)).name).toBe('AccessDeniedException')
    const through = put(server, key, bob.credentials, {}, 'cloudtrail')
    expect((await refusalOf(through)).name).toBe('AccessDeniedException')
  })

  it('it has no use of what the account delegates to IAM', async () => {
    const key = await keyWith(root, delegation)
    expect((await refusalOf(asTrail(key, trail))).name).toBe('AccessDeniedException')
  })

  it('aws:PrincipalIsAWSService tells it, and there is no address it comes from', async () => {
    const key = await keyWith(
      root,
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
    const key = await keyWith(root, service())
    await asTrail(key, trail)
    const records = recordsOn(server, key, 'Encrypt').filter(
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
    put(server, KeyId, server.credentials, { As: 'infrastructure', Session: 'i-9', ...more })

  it('a session for a resource uses the key, as the grant says, until it is revoked', async () => {
    const KeyId = await keyWith(root, delegation)
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
    const KeyId = await keyWith(root, delegation)
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
    const [record] = recordsOn(server, KeyId, 'Encrypt')
    expect(record).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 's3.amazonaws.com' },
      recipientAccountId: ACCOUNT,
    })
  })
})

describe('For a resource', () => {
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-1`
  const asInstance = (KeyId: string, Session: string) =>
    put(server, KeyId, server.credentials, { As: 'infrastructure', Session })

  it('a session of the service is let in by its own name alone', async () => {
    const key = await keyWith(
      root,
      allow({ Principal: { AWS: session } }, 'kms:Encrypt'),
      delegation,
    )
    expect((await asInstance(key, 'i-1')).Blob).toMatch(/./)
    const refused = await refusalOf(asInstance(key, 'i-2'))
    expect(refused.message).toContain('assumed-role/aws:ec2-infrastructure/i-2 is not authorized')
  })

  it('the record tells the session, and the service that runs it', async () => {
    const key = await keyWith(root, allow({ Principal: { AWS: session } }, 'kms:Encrypt'))
    await asInstance(key, 'i-1')
    expect(recordsOn(server, key, 'Encrypt')).toMatchObject([
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
