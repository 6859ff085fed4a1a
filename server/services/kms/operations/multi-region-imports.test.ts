// Imported material of multi-Region keys: the same in every Region, brought to each of them by its owner.
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { KmsTables } from '../tables.ts'
import { passExpiration } from '../testing/expiration.ts'
import { importInto } from '../testing/importing.ts'
import { metadataOf, newPrimary, REPLICA_REGION, replicate } from '../testing/multi-region.ts'
import {
  importedPair,
  listed,
  notTheSame,
  pendingImport,
  sealed,
} from '../testing/multi-region-imports.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { recordsOf } from '../testing/records-of.ts'
import { alterKey, type StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000
const ROTATION = { ImportType: 'NEW_KEY_MATERIAL' } as const

let server: TestServer
let kms: KMSClient
let there: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

function open(client: KMSClient, CiphertextBlob: Uint8Array) {
  return client.send(new DecryptCommand({ CiphertextBlob }))
}

function remove(client: KMSClient, { id }: StoredKey) {
  return client.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
}

describe('A replica of a key with imported material', () => {
  it('has none until its owner brings the same, and no other', async () => {
    const material = randomBytes(32)
    const primary = await newPrimary(kms, { Origin: 'EXTERNAL' })
    const { KeyMaterialId } = await importInto(kms, primary, material)
    const blob = await sealed(kms, primary)
    const answer = kms.send(
      new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }),
    )
    const { ReplicaKeyMetadata } = await answer
    expect(ReplicaKeyMetadata).toMatchObject({ KeyState: 'Creating', Origin: 'EXTERNAL' })
    expect(ReplicaKeyMetadata).not.toHaveProperty('ExpirationModel')
    const replica = { id: primary.id, arn: ReplicaKeyMetadata?.Arn as string }
    await server.sweepJobs()
    expect(await metadataOf(there, replica)).toMatchObject({
      KeyState: 'PendingImport',
      Enabled: false,
      CurrentKeyMaterialId: KeyMaterialId,
    })
    expect(await listed(there, replica)).toEqual([[KeyMaterialId, 'CURRENT', 'PENDING_IMPORT']])
    const encryption = there.send(
      new EncryptCommand({ KeyId: replica.id, Plaintext: Buffer.from('x') }),
    )
    expect(await refusalOf(encryption)).toEqual(pendingImport(replica))
    expect(await refusalOf(open(there, blob))).toEqual(pendingImport(replica))
    expect(await refusalOf(importInto(there, replica, randomBytes(32)))).toEqual(
      notTheSame(replica),
    )

    const brought = await importInto(there, replica, material)
    expect(brought.KeyMaterialId).toBe(KeyMaterialId)
    expect((await metadataOf(there, replica)).KeyState).toBe('Enabled')
    expect(await open(there, blob)).toMatchObject({ KeyId: replica.arn, KeyMaterialId })
    expect((await open(kms, await sealed(there, replica))).KeyId).toBe(primary.arn)
    const records = await recordsOf(server, answer)
    expect(records.map(({ eventName }) => eventName)).toEqual(['ReplicateKey', 'CreateKey'])
    expect(records.at(1)?.requestParameters).toMatchObject({ origin: 'EXTERNAL' })
  })

  it('holds nothing that a domain key of another Region made', async () => {
    const { primary, replica, material } = await importedPair(server)
    await remove(there, replica)
    const third = randomBytes(32)
    await importInto(kms, primary, third, ROTATION)
    const rowsOf = async (table: 'kms_key_materials' | 'kms_imported_materials') =>
      await server.storage.read
        .$extendTables<KmsTables>()
        .selectFrom(table)
        .innerJoin('kms_domain_keys', `${table}.domain_key_id`, 'kms_domain_keys.domain_key_id')
        .select([`${table}.region as of`, 'kms_domain_keys.region as by'])
        .where(`${table}.key_id`, '=', primary.id)
        .execute()
    for (const table of ['kms_key_materials', 'kms_imported_materials'] as const) {
      const rows = await rowsOf(table)
      expect(rows).toHaveLength(4)
      for (const { of, by } of rows) expect(by).toBe(of)
    }
    // By what it knows it tells both materials from others, and from one another.
    await importInto(there, replica, material)
    await importInto(there, replica, third)
  })

  it('takes what it is told to be new from its primary key alone', async () => {
    const { replica, material } = await importedPair(server)
    for (const bytes of [material, randomBytes(32)]) {
      expect(await refusalOf(importInto(there, replica, bytes, ROTATION))).toEqual(
        refusal(
          'UnsupportedOperationException',
          `${replica.arn} is not a multi-Region primary key.`,
        ),
      )
    }
  })

  it('cannot be made of a key whose material is not there', async () => {
    const primary = await newPrimary(kms, { Origin: 'EXTERNAL' })
    const ask = () =>
      kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }))
    expect(await refusalOf(ask())).toEqual(pendingImport(primary))
    await importInto(kms, primary, randomBytes(32))
    await remove(kms, primary)
    expect(await refusalOf(ask())).toEqual(pendingImport(primary))
  })

  it('is not made the primary key before it has its material', async () => {
    const primary = await newPrimary(kms, { Origin: 'EXTERNAL' })
    await importInto(kms, primary, randomBytes(32))
    const replica = await replicate(server, primary)
    const update = new UpdatePrimaryRegionCommand({
      KeyId: primary.id,
      PrimaryRegion: REPLICA_REGION,
    })
    expect(await refusalOf(kms.send(update))).toEqual(pendingImport(replica))
  })
})

describe('Imported material of related keys', () => {
  it('is deleted in one Region alone', async () => {
    const { primary, replica, material, first } = await importedPair(server)
    const blob = await sealed(there, replica)
    await remove(there, replica)
    expect((await metadataOf(there, replica)).KeyState).toBe('PendingImport')
    expect((await metadataOf(kms, primary)).KeyState).toBe('Enabled')
    expect((await open(kms, blob)).KeyMaterialId).toBe(first)
    expect(await refusalOf(open(there, blob))).toEqual(pendingImport(replica))
    await remove(kms, primary)
    expect(await refusalOf(open(kms, blob))).toEqual(pendingImport(primary))
    for (const [client, key] of [
      [kms, primary],
      [there, replica],
    ] as const) {
      expect(await refusalOf(importInto(client, key, randomBytes(32)))).toEqual(notTheSame(key))
      expect((await importInto(client, key, material)).KeyMaterialId).toBe(first)
      expect((await open(client, blob)).KeyMaterialId).toBe(first)
    }
  })

  it('expires where it was said to, when it was said to', async () => {
    const { primary, replica, material } = await importedPair(server)
    const ValidTo = new Date(Date.now() + DAY_MS)
    await importInto(there, replica, material, { ValidTo })
    expect((await metadataOf(there, replica)).ExpirationModel).toBe('KEY_MATERIAL_EXPIRES')
    expect((await metadataOf(kms, primary)).ExpirationModel).toBe('KEY_MATERIAL_DOES_NOT_EXPIRE')
    await passExpiration(server, replica)
    await server.sweepJobs()
    expect((await metadataOf(there, replica)).KeyState).toBe('PendingImport')
    expect((await metadataOf(kms, primary)).KeyState).toBe('Enabled')
    expect(await eventsOf(server, 'DeleteExpiredKeyMaterial', replica)).toHaveLength(1)
    expect(await eventsOf(server, 'DeleteExpiredKeyMaterial', primary)).toEqual([])
  })

  it('does not come back to a key that waits for the deletion of its replicas', async () => {
    const { primary, material } = await importedPair(server)
    await importInto(kms, primary, material, { ValidTo: new Date(Date.now() + DAY_MS) })
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: primary.id }))
    await passExpiration(server, primary)
    expect((await metadataOf(kms, primary)).KeyState).toBe('PendingReplicaDeletion')
    await server.sweepJobs()
    expect((await metadataOf(kms, primary)).KeyState).toBe('PendingReplicaDeletion')
    expect(await refusalOf(importInto(kms, primary, material))).toEqual(
      refusal('KMSInvalidStateException', `${primary.arn} is pending replica deletion.`),
    )
    await kms.send(new CancelKeyDeletionCommand({ KeyId: primary.id }))
    expect((await metadataOf(kms, primary)).KeyState).toBe('PendingImport')
  })

  it('is neither asked for, brought nor deleted while a replica is creating', async () => {
    const { replica, material } = await importedPair(server)
    const creating = refusal('KMSInvalidStateException', `${replica.arn} is creating.`)
    await alterKey(server, replica, { state: 'Creating' })
    expect(await refusalOf(importInto(there, replica, material))).toEqual(creating)
    expect(await refusalOf(remove(there, replica))).toEqual(creating)
    const parameters = new GetParametersForImportCommand({
      KeyId: replica.id,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    })
    expect(await refusalOf(there.send(parameters))).toEqual(creating)
  })

  it('is brought, but neither asked for nor deleted while the primary Region changes', async () => {
    const { primary, replica, material } = await importedPair(server)
    await kms.send(
      new UpdatePrimaryRegionCommand({ KeyId: primary.id, PrimaryRegion: REPLICA_REGION }),
    )
    for (const [client, key] of [
      [kms, primary],
      [there, replica],
    ] as const) {
      const updating = refusal('KMSInvalidStateException', `${key.arn} is updating.`)
      await importInto(client, key, material)
      expect((await metadataOf(client, key)).KeyState).toBe('Updating')
      expect(await refusalOf(remove(client, key))).toEqual(updating)
      const parameters = new GetParametersForImportCommand({
        KeyId: key.id,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      })
      expect(await refusalOf(client.send(parameters))).toEqual(updating)
    }
    await server.sweepJobs()
    expect((await metadataOf(there, replica)).KeyState).toBe('Enabled')
  })

  it('is not brought by the token of another Region', async () => {
    const { primary, replica } = await importedPair(server)
    const { ImportToken } = await kms.send(
      new GetParametersForImportCommand({
        KeyId: primary.id,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
    )
    const input = {
      KeyId: replica.id,
      ImportToken,
      EncryptedKeyMaterial: randomBytes(256),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    } as const
    expect((await refusalOf(there.send(new ImportKeyMaterialCommand(input)))).name).toBe(
      'InvalidImportTokenException',
    )
  })
})

it('Nothing of the material is stored in a Region into which it was not imported', async () => {
  const primary = await newPrimary(kms, { Origin: 'EXTERNAL' })
  await importInto(kms, primary, randomBytes(32))
  await replicate(server, primary)
  await importInto(kms, primary, randomBytes(32), ROTATION)
  const rows = await server.storage.read
    .$extendTables<KmsTables>()
    .selectFrom('kms_key_materials')
    .select(['region', 'wrapped'])
    .where('key_id', '=', primary.id)
    .execute()
  const lengths = rows.map(({ region, wrapped }) => [region, wrapped.length > 0])
  expect(lengths.filter(([region]) => region === REPLICA_REGION)).toEqual([
    [REPLICA_REGION, false],
    [REPLICA_REGION, false],
  ])
  expect(lengths.filter(([, isThere]) => isThere)).toHaveLength(2)
})
