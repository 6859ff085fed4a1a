// Keys that services use on behalf of a caller. The service is a depot that keeps nothing; all else is the product.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callDepot } from '../../../testing/depot-client.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { type People, type Person, trusting } from '../../sts/testing/people.ts'
import {
  ACCOUNT,
  allow,
  delegation,
  depotServer,
  keyWith,
  put,
  recordsOn,
} from '../testing/depots.ts'
import { recordOf } from '../testing/recorded.ts'

const VIA_S3 = 's3.us-east-1.amazonaws.com'

let server: TestServer
let root: KMSClient
let people: People
/** Of alice: what the depot asks for, nothing of KMS. */
let alice: Person
/** Both. */
let bob: Person
beforeAll(async () => {
  const made = await depotServer()
  server = made.server
  root = server.kms()
  people = made.people
  alice = made.alice
  bob = made.bob
})
afterAll(() => server.close())

const direct = (person: Person) => server.kms({ credentials: person.credentials })

describe('On behalf of a caller', () => {
  it('a service encrypts and decrypts with a key that the caller may use', async () => {
    const key = await keyWith(root, delegation)
    const { Blob: blob } = await put(server, key, bob.credentials, { Item: 'a' })
    const request = { As: 'caller', Blob: blob as string, Item: 'a' }
    const got = await callDepot(server, 's3', 'Use', request, bob.credentials)
    expect(got.Text).toBe('note')
    const other = await refusalOf(
      callDepot(server, 's3', 'Use', { ...request, Item: 'b' }, bob.credentials),
    )
    expect(other).toMatchObject({ name: 'KeyUnusable', message: 'InvalidCiphertextException: ' })
  })

  it('the permission for the service is none for the key', async () => {
    const key = await keyWith(root, delegation)
    const refused = await refusalOf(put(server, key, alice.credentials))
    expect(refused.name).toBe('AccessDeniedException')
    expect(refused.message).toBe(
      `User: arn:aws:iam::${ACCOUNT}:user/alice is not authorized to perform: kms:Encrypt on resource: ${key} because no identity-based policy allows the kms:Encrypt action`,
    )
  })

  it('what is allowed only via the service is refused directly, and allowed through it', async () => {
    const condition = { StringEquals: { 'kms:ViaService': VIA_S3 } }
    const key = await keyWith(root, allow({ Condition: condition }))
    const refused = await refusalOf(
      direct(alice).send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') })),
    )
    expect(refused.name).toBe('AccessDeniedException')
    expect((await put(server, key, alice.credentials)).Blob).toMatch(/./)
    // Another service is another way.
    const elsewhere = await refusalOf(put(server, key, bob.credentials, {}, 'cloudtrail'))
    expect(elsewhere.name).toBe('AccessDeniedException')
  })

  it('what is denied but via the service is denied to an administrator who comes directly', async () => {
    const key = await keyWith(root, delegation, {
      ...delegation,
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Condition: { StringNotEquals: { 'kms:ViaService': VIA_S3 } },
    })
    const refused = await refusalOf(direct(bob).send(new DescribeKeyCommand({ KeyId: key })))
    expect(refused.message).toContain('with an explicit deny in a resource-based policy')
    expect((await put(server, key, bob.credentials)).Blob).toMatch(/./)
  })

  it.each([
    ['aws:ViaAWSService', { Bool: { 'aws:ViaAWSService': 'true' } }],
    ['aws:CalledViaFirst', { StringEquals: { 'aws:CalledViaFirst': 's3.amazonaws.com' } }],
    ['aws:CalledViaLast', { StringEquals: { 'aws:CalledViaLast': 's3.amazonaws.com' } }],
    ['aws:CalledVia', { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 's3.amazonaws.com' } }],
  ])('%s tells the service, and is not so directly', async (_name, condition) => {
    const key = await keyWith(root, allow({ Condition: condition }))
    expect((await put(server, key, alice.credentials)).Blob).toMatch(/./)
    const asked = direct(alice).send(new DescribeKeyCommand({ KeyId: key }))
    expect((await refusalOf(asked)).name).toBe('AccessDeniedException')
  })

  it('the caller stays who they are, where they are: no AWS service', async () => {
    const condition = {
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
      IpAddress: { 'aws:SourceIp': '127.0.0.1' },
      StringEquals: { 'kms:CallerAccount': ACCOUNT, 'aws:username': 'alice' },
    }
    const key = await keyWith(root, allow({ Condition: condition }))
    expect((await put(server, key, alice.credentials)).Blob).toMatch(/./)
  })

  it('a session policy cuts what the service may do', async () => {
    const key = await keyWith(root, delegation)
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
    expect((await put(server, key, await assume())).Blob).toMatch(/./)
    const refused = await refusalOf(put(server, key, await assume(allowing('s3:*'))))
    expect(refused.message).toContain('because no session policy allows the kms:Encrypt action')
  })

  it('a key policy that was changed counts for the next request, and so does a disabled key', async () => {
    const key = await keyWith(root, allow({}), delegation)
    await put(server, key, alice.credentials)
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [delegation] })
    await root.send(new PutKeyPolicyCommand({ KeyId: key, Policy }))
    expect((await refusalOf(put(server, key, alice.credentials))).name).toBe(
      'AccessDeniedException',
    )
    await root.send(new DisableKeyCommand({ KeyId: key }))
    // The service tells in its own way what KMS threw.
    expect(await refusalOf(put(server, key, bob.credentials))).toMatchObject({
      name: 'KeyUnusable',
      message: `DisabledException: ${key} is disabled.`,
    })
    await root.send(new EnableKeyCommand({ KeyId: key }))
    expect((await put(server, key, bob.credentials)).Blob).toMatch(/./)
  })

  it('the record tells the caller, and the service in the place of address and agent', async () => {
    const key = await keyWith(root, delegation)
    const outer = await put(server, key, bob.credentials, { Item: 'A' })
    const [record] = recordsOn(server, key, 'Encrypt')
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
    const key = await keyWith(root, delegation)
    const outer = put(server, key, alice.credentials)
    expect(await recordOf(server, outer)).toMatchObject({ errorCode: 'AccessDenied' })
    expect(recordsOn(server, key, 'Encrypt')).toMatchObject([
      { errorCode: 'AccessDenied', userIdentity: { invokedBy: 's3.amazonaws.com' } },
    ])
  })

  it('the record of the call within stands where the change around it fails', async () => {
    const key = await keyWith(root, delegation)
    const request = { As: 'caller', KeyId: key, Text: 'note' }
    const outer = callDepot(server, 's3', 'Keep', request, bob.credentials)
    expect((await refusalOf(outer)).message).toBe('the depot is full')
    expect(await recordOf(server, outer)).toMatchObject({ errorCode: 'KeyUnusable' })
    const records = recordsOn(server, key, 'Encrypt')
    expect(records).toHaveLength(1)
    expect(records[0]).not.toHaveProperty('errorCode')
  })
})
