// Replicas of multi-Region keys: what they share with their primary, and what is their own.
import {
  DecryptCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  ListKeysCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  RotateKeyOnDemandCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { metadataOf, newPrimary, REPLICA_REGION, replicate } from '../testing/multi-region.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { newKey, type StoredKey } from '../testing/stored-key.ts'

const OWNER = 'arn:aws:iam::111122223333:root'

let server: TestServer
let kms: KMSClient
let there: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

function ask({ id }: StoredKey, input: Partial<ReplicateKeyCommandInput> = {}) {
  const command = { KeyId: id, ReplicaRegion: REPLICA_REGION, ...input }
  return kms.send(new ReplicateKeyCommand(command))
}

async function seal(client: KMSClient, { id }: StoredKey, text: string): Promise<Uint8Array> {
  const input = { KeyId: id, Plaintext: Buffer.from(text), EncryptionContext: { at: 'work' } }
  return (await client.send(new EncryptCommand(input))).CiphertextBlob as Uint8Array
}

async function open(client: KMSClient, CiphertextBlob: Uint8Array) {
  const input = { CiphertextBlob, EncryptionContext: { at: 'work' } }
  const { Plaintext, KeyId } = await client.send(new DecryptCommand(input))
  return { text: Buffer.from(Plaintext ?? []).toString(), KeyId }
}

async function keyIds(client: KMSClient) {
  const { Keys } = await client.send(new ListKeysCommand({ Limit: 1000 }))
  return Keys?.map(({ KeyId }) => KeyId)
}

it('Ciphertext of either Region decrypts in the other, under the key that is there', async () => {
  const primary = await newPrimary(kms)
  const before = await seal(kms, primary, 'older than the replica')
  const replica = await replicate(server, primary)
  const blobs = [before, await seal(kms, primary, 'here'), await seal(there, primary, 'there')]
  const texts = ['older than the replica', 'here', 'there']
  for (const [index, blob] of blobs.entries()) {
    expect(await open(kms, blob)).toEqual({ text: texts[index], KeyId: primary.arn })
    expect(await open(there, blob)).toEqual({ text: texts[index], KeyId: replica.arn })
  }
  const { CiphertextBlob, Plaintext } = await kms.send(
    new GenerateDataKeyCommand({ KeyId: primary.id, KeySpec: 'AES_256' }),
  )
  const opened = await there.send(new DecryptCommand({ CiphertextBlob }))
  expect(opened.Plaintext).toEqual(Plaintext)
})

it('A replica decrypts what every earlier material made, and lists them all', async () => {
  const primary = await newPrimary(kms)
  const blobs: Uint8Array[] = []
  for (let round = 0; round < 3; round++) {
    blobs.push(await seal(kms, primary, `round ${round}`))
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: primary.id }))
    await server.sweepJobs()
  }
  const replica = await replicate(server, primary)
  for (const [round, blob] of blobs.entries()) {
    expect((await open(there, blob)).text).toBe(`round ${round}`)
  }
  const listed = await materialsOf(there, replica)
  expect(listed).toHaveLength(4)
  expect(listed).toEqual(
    (await materialsOf(kms, primary)).map((entry) => ({ ...entry, KeyId: replica.arn })),
  )
  const { CurrentKeyMaterialId } = await metadataOf(kms, primary)
  expect((await metadataOf(there, replica)).CurrentKeyMaterialId).toBe(CurrentKeyMaterialId)
})

it('A replica of a key pair has the same public key, and verifies what the primary signed', async () => {
  const primary = await newPrimary(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  await replicate(server, primary)
  const SigningAlgorithm = 'ECDSA_SHA_256' as const
  const input = { KeyId: primary.id, Message: Buffer.from('x'), SigningAlgorithm }
  const publicKey = async (client: KMSClient) =>
    (await client.send(new GetPublicKeyCommand({ KeyId: primary.id }))).PublicKey
  expect(await publicKey(there)).toEqual(await publicKey(kms))
  const { Signature } = await there.send(new SignCommand(input))
  const verified = await kms.send(new VerifyCommand({ ...input, Signature }))
  expect(verified.SignatureValid).toBe(true)
})

it('A replica of an HMAC key verifies what the primary made', async () => {
  const primary = await newPrimary(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await replicate(server, primary)
  const MacAlgorithm = 'HMAC_SHA_256' as const
  const input = { KeyId: primary.id, Message: Buffer.from('x'), MacAlgorithm }
  const { Mac } = await kms.send(new GenerateMacCommand(input))
  expect((await there.send(new VerifyMacCommand({ ...input, Mac }))).MacValid).toBe(true)
})

it('A key of one Region is not found in another, and its ciphertext neither', async () => {
  const key = await newKey(kms)
  const blob = await seal(kms, key, 'x')
  expect((await refusalOf(open(there, blob))).name).toBe('AccessDeniedException')
  expect(await keyIds(there)).not.toContain(key.id)
})

it('ListKeys tells a multi-Region key in the Regions in which it is', async () => {
  const primary = await newPrimary(kms)
  expect(await keyIds(kms)).toContain(primary.id)
  expect(await keyIds(there)).not.toContain(primary.id)
  await replicate(server, primary)
  expect(await keyIds(there)).toContain(primary.id)
})

it('A replica has a policy and tags of its own, and rotates as its primary does', async () => {
  const primary = await newPrimary(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: primary.id, RotationPeriodInDays: 100 }))
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: OWNER }, Action: 'kms:*', Resource: '*' }],
  })
  const Tags = [{ TagKey: 'stage', TagValue: 'replica' }]
  const answer = await ask(primary, { Policy, Tags })
  expect([answer.ReplicaPolicy, answer.ReplicaTags]).toEqual([Policy, Tags])
  await server.sweepJobs()
  const policyOf = async (client: KMSClient) =>
    (await client.send(new GetKeyPolicyCommand({ KeyId: primary.id }))).Policy
  expect(await policyOf(there)).toBe(Policy)
  expect(await policyOf(kms)).not.toBe(Policy)
  const tagsOf = async (client: KMSClient) =>
    (await client.send(new ListResourceTagsCommand({ KeyId: primary.id }))).Tags
  expect([await tagsOf(there), await tagsOf(kms)]).toEqual([Tags, []])
  const replica = { id: primary.id, arn: answer.ReplicaKeyMetadata?.Arn as string }
  expect(await statusOf(there, replica)).toEqual({
    ...(await statusOf(kms, primary)),
    KeyId: replica.arn,
  })
})
