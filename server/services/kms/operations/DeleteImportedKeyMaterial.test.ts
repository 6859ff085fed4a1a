// DeleteImportedKeyMaterial as callers see it: what is gone, and what becomes of the key.
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { KmsTables } from '../tables.ts'
import { importInto, newExternalKey } from '../testing/importing.ts'
import { recordOf } from '../testing/recorded.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function remove(KeyId: string, KeyMaterialId?: string) {
  return kms.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }))
}

async function stateOf({ id }: StoredKey) {
  return (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.KeyState
}

async function rowOf({ id }: StoredKey) {
  return await server.storage.read
    .$extendTables<KmsTables>()
    .selectFrom('kms_key_materials')
    .selectAll()
    .where('key_id', '=', id)
    .executeTakeFirstOrThrow()
}

/** A key with two materials, of which the second is current. */
async function rotatedKey() {
  const key = await newExternalKey(kms)
  const materials = [randomBytes(32), randomBytes(32)] as const
  const first = await importInto(kms, key, materials[0])
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('old') }),
  )
  const second = await importInto(kms, key, materials[1], { ImportType: 'NEW_KEY_MATERIAL' })
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  await server.sweepJobs()
  return { key, materials, ids: [first.KeyMaterialId, second.KeyMaterialId], blob: CiphertextBlob }
}

it('DeleteImportedKeyMaterial removes the material from the database, and tells which', async () => {
  const key = await newExternalKey(kms)
  const { KeyMaterialId } = await importInto(kms, key, randomBytes(32))
  expect((await rowOf(key)).wrapped.length).toBeGreaterThan(32)
  const { $metadata, ...answer } = await remove(key.id)
  expect(answer).toEqual({ KeyId: key.arn, KeyMaterialId })
  expect((await rowOf(key)).wrapped).toHaveLength(0)
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(KeyMetadata).toMatchObject({ KeyState: 'PendingImport', Enabled: false })
  expect(KeyMetadata).not.toHaveProperty('ExpirationModel')
  expect(await materialsOf(kms, key)).toEqual([
    { KeyId: key.arn, KeyMaterialId, KeyMaterialState: 'CURRENT', ImportState: 'PENDING_IMPORT' },
  ])
  const used = kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('x') }))
  expect(await refusalOf(used)).toEqual(
    refusal('KMSInvalidStateException', `${key.arn} is pending import.`),
  )
})

it('DeleteImportedKeyMaterial has no effect where there is nothing', async () => {
  const key = await newExternalKey(kms)
  const { $metadata, ...answer } = await remove(key.arn)
  expect(answer).toEqual({ KeyId: key.arn })
  const { KeyMaterialId } = await importInto(kms, key, randomBytes(32))
  await remove(key.id)
  expect((await remove(key.id)).KeyMaterialId).toBe(KeyMaterialId)
  expect(await stateOf(key)).toBe('PendingImport')
})

it('A key comes back when each of its materials has', async () => {
  const { key, materials, ids, blob } = await rotatedKey()
  await remove(key.id, ids[0])
  expect(await stateOf(key)).toBe('PendingImport')
  await remove(key.id)
  expect((await materialsOf(kms, key)).map(({ ImportState }) => ImportState)).toEqual([
    'PENDING_IMPORT',
    'PENDING_IMPORT',
  ])
  const KeyMaterialId = ids[1]
  expect((await importInto(kms, key, materials[1], { KeyMaterialId })).KeyMaterialId).toBe(ids[1])
  expect(await stateOf(key)).toBe('PendingImport')
  expect((await importInto(kms, key, materials[0])).KeyMaterialId).toBe(ids[0])
  expect(await stateOf(key)).toBe('Enabled')
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('old')
})

it('Material that waits for a rotation is forgotten, and the key goes on', async () => {
  const key = await newExternalKey(kms)
  await importInto(kms, key, randomBytes(32))
  const ImportType = 'NEW_KEY_MATERIAL'
  const pending = await importInto(kms, key, randomBytes(32), { ImportType })
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  const { $metadata, ...answer } = await remove(key.id, pending.KeyMaterialId)
  expect(answer).toEqual({ KeyId: key.arn, KeyMaterialId: pending.KeyMaterialId })
  expect(await stateOf(key)).toBe('Enabled')
  expect(await materialsOf(kms, key)).toHaveLength(1)
  // The rotation that was asked for is off.
  expect(await statusOf(kms, key)).not.toHaveProperty('OnDemandRotationStartDate')
  await server.sweepJobs()
  await importInto(kms, key, randomBytes(32), { ImportType })
  expect(await materialsOf(kms, key)).toMatchObject([
    { KeyMaterialState: 'CURRENT' },
    { KeyMaterialState: 'PENDING_ROTATION' },
  ])
})

it('A key that is pending deletion stays so, and is pending import when that is cancelled', async () => {
  const key = await newExternalKey(kms)
  const material = randomBytes(32)
  await importInto(kms, key, material)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  await remove(key.id)
  expect(await stateOf(key)).toBe('PendingDeletion')
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }))
  expect(await stateOf(key)).toBe('PendingImport')
  await importInto(kms, key, material)
  expect(await stateOf(key)).toBe('Enabled')
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }))
  expect(await stateOf(key)).toBe('Disabled')
})

it('A disabled key whose material is deleted is pending import', async () => {
  const key = await newExternalKey(kms)
  await importInto(kms, key, randomBytes(32))
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  await remove(key.id)
  expect(await stateOf(key)).toBe('PendingImport')
})

it('DeleteImportedKeyMaterial refuses material that the key never had', async () => {
  const key = await newExternalKey(kms)
  await importInto(kms, key, randomBytes(32))
  const id = '0'.repeat(64)
  expect(await refusalOf(remove(key.id, id))).toEqual(
    refusal('NotFoundException', `Key material ${id} is not associated with ${key.arn}.`),
  )
  expect((await refusalOf(remove(key.id, 'g'.repeat(64)))).name).toBe('ValidationException')
  expect((await refusalOf(remove(key.id, '0'))).name).toBe('ValidationException')
  expect(await stateOf(key)).toBe('Enabled')
})

it('DeleteImportedKeyMaterial refuses an id for a key that has one material for ever', async () => {
  const input = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const
  const key = await newExternalKey(kms, input)
  await importInto(kms, key, randomBytes(32))
  expect(await refusalOf(remove(key.id, '0'.repeat(64)))).toEqual(
    refusal(
      'ValidationException',
      'KeyMaterialId is supported only for symmetric encryption KMS keys.',
    ),
  )
  const { $metadata, ...answer } = await remove(key.id)
  expect(answer).toEqual({ KeyId: key.arn })
})

it('DeleteImportedKeyMaterial refuses a key that is not there, or whose material is made here', async () => {
  const made = await newKey(kms)
  expect(await refusalOf(remove(made.id))).toEqual(
    refusal(
      'UnsupportedOperationException',
      `${made.arn} origin is AWS_KMS which is not valid for this operation.`,
    ),
  )
  const arn = `arn:aws:kms:us-east-1:111122223333:key/${NO_KEY_ID}`
  expect((await refusalOf(remove(arn))).name).toBe('NotFoundException')
  expect((await refusalOf(remove('arn:aws:kms'))).name).toBe('InvalidArnException')
  const foreign = await refusalOf(remove(arn.replace('111122223333', OTHER_ACCOUNT)))
  expect(foreign.name).toBe('AccessDeniedException')
})

it('DeleteImportedKeyMaterial is recorded', async () => {
  const key = await newExternalKey(kms)
  const { KeyMaterialId } = await importInto(kms, key, randomBytes(32))
  expect(await recordOf(server, remove(key.id))).toMatchObject({
    eventName: 'DeleteImportedKeyMaterial',
    readOnly: false,
    requestParameters: { keyId: key.id },
    responseElements: { keyId: key.arn, keyMaterialId: KeyMaterialId },
    resources: [{ ARN: key.arn }],
  })
})
