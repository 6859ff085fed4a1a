// New imported material for multi-Region keys: brought to every Region, then current in all of them at once.
import {
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DisableKeyCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { passExpiration } from '../testing/expiration.ts'
import { importInto } from '../testing/importing.ts'
import { metadataOf, PRIMARY_REGION, REPLICA_REGION, replicate } from '../testing/multi-region.ts'
import { importedPair, listed, sealed } from '../testing/multi-region-imports.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { alterKey, type StoredKey } from '../testing/stored-key.ts'

const THIRD_REGION = 'ap-south-1'
const EVERYWHERE = 'PENDING_ROTATION'
const NOT_EVERYWHERE = 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION'
const ROTATION = { ImportType: 'NEW_KEY_MATERIAL' } as const
const SAME = { ImportType: 'EXISTING_KEY_MATERIAL' } as const

let server: TestServer
let kms: KMSClient
let there: KMSClient
let third: KMSClient
beforeAll(async () => {
  server = await testServer({ regions: [PRIMARY_REGION, REPLICA_REGION, THIRD_REGION] })
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
  third = server.kms({ region: THIRD_REGION })
})
afterAll(() => server.close())

function rotate(client: KMSClient, { id }: StoredKey) {
  return client.send(new RotateKeyOnDemandCommand({ KeyId: id }))
}

function remove(client: KMSClient, { id }: StoredKey, KeyMaterialId?: string) {
  return client.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId }))
}

const nothingToRotate = ({ arn }: StoredKey) =>
  refusal(
    'KMSInvalidStateException',
    `No available key material pending rotation for the key: ${arn}.`,
  )

/** A pair of keys, and new material that its primary key has got. */
async function waitingPair() {
  const pair = await importedPair(server)
  const next = randomBytes(32)
  const { KeyMaterialId } = await importInto(kms, pair.primary, next, ROTATION)
  return { ...pair, next, second: KeyMaterialId as string }
}

/** The state of the material that waits, as each of the two Regions tells it; nothing where none waits. */
async function waiting({ primary, replica }: { primary: StoredKey; replica: StoredKey }) {
  const [here, elsewhere] = [await listed(kms, primary), await listed(there, replica)]
  return [here.at(1)?.slice(1), elsewhere.at(1)?.slice(1)]
}

it('New material is current in every Region after it came to all of them, and not before', async () => {
  const { primary, replica, material, first } = await importedPair(server)
  const last = await replicate(server, primary, { ReplicaRegion: THIRD_REGION })
  await importInto(third, last, material)
  const old = await sealed(kms, primary)
  const next = randomBytes(32)
  const { KeyMaterialId: second } = await importInto(kms, primary, next, ROTATION)
  const regions = [
    [kms, primary],
    [there, replica],
    [third, last],
  ] as const
  const told = async () => {
    const lists = []
    for (const [client, key] of regions) lists.push(...(await listed(client, key)).slice(1))
    return lists
  }
  const state = (name: string, ...imports: string[]) => imports.map((each) => [second, name, each])
  expect(await told()).toEqual(
    state(NOT_EVERYWHERE, 'IMPORTED', 'PENDING_IMPORT', 'PENDING_IMPORT'),
  )
  for (const [client, key] of regions) {
    expect(await metadataOf(client, key)).toMatchObject({
      KeyState: 'Enabled',
      CurrentKeyMaterialId: first,
    })
  }
  expect(await refusalOf(rotate(kms, primary))).toEqual(nothingToRotate(primary))

  const wrong = importInto(there, replica, randomBytes(32), SAME)
  expect((await refusalOf(wrong)).name).toBe('IncorrectKeyMaterialException')
  const named = importInto(there, replica, material, { KeyMaterialId: second })
  expect((await refusalOf(named)).message).toContain(`key material ID ${second}`)
  expect(await importInto(there, replica, next, { ...SAME, KeyMaterialId: second })).toMatchObject({
    KeyId: replica.arn,
    KeyMaterialId: second,
  })
  expect(await told()).toEqual(state(NOT_EVERYWHERE, 'IMPORTED', 'IMPORTED', 'PENDING_IMPORT'))
  expect(await refusalOf(rotate(kms, primary))).toEqual(nothingToRotate(primary))
  await importInto(third, last, next)
  expect(await told()).toEqual(state(EVERYWHERE, 'IMPORTED', 'IMPORTED', 'IMPORTED'))
  expect(await refusalOf(rotate(there, replica))).toEqual(
    refusal('UnsupportedOperationException', `${replica.arn} is not a multi-Region primary key.`),
  )

  await rotate(kms, primary)
  expect(await statusOf(kms, primary)).toHaveProperty('OnDemandRotationStartDate')
  await server.sweepJobs()
  expect(await statusOf(kms, primary)).not.toHaveProperty('OnDemandRotationStartDate')
  const entries = await materialsOf(kms, primary)
  expect(entries).toMatchObject([
    { KeyMaterialId: first, KeyMaterialState: 'NON_CURRENT' },
    {
      KeyMaterialId: second,
      KeyMaterialState: 'CURRENT',
      RotationType: 'ON_DEMAND',
      RotationDate: expect.any(Date),
    },
  ])
  for (const [client, key] of regions) {
    expect(await materialsOf(client, key)).toEqual(
      entries.map((each) => ({ ...each, KeyId: key.arn })),
    )
    expect(await metadataOf(client, key)).toMatchObject({
      KeyState: 'Enabled',
      CurrentKeyMaterialId: second,
    })
    const fresh = await sealed(client, key)
    for (const [reader] of regions) {
      const opened = await reader.send(new DecryptCommand({ CiphertextBlob: fresh }))
      expect(opened.KeyMaterialId).toBe(second)
    }
    const opened = await client.send(new DecryptCommand({ CiphertextBlob: old }))
    expect(opened.KeyMaterialId).toBe(first)
  }
  expect(await eventsOf(server, 'RotateKey', primary)).toMatchObject([
    {
      serviceEventDetails: {
        keyOrigin: 'EXTERNAL',
        previousKeyMaterialId: first,
        currentKeyMaterialId: second,
      },
    },
  ])
  expect(await eventsOf(server, 'RotateKey', replica)).toEqual([])
  expect(await refusalOf(rotate(kms, primary))).toEqual(nothingToRotate(primary))
})

it('After a rotation each Region needs every material, the old one too', async () => {
  const { primary, replica, material, next, first } = await waitingPair()
  await importInto(there, replica, next)
  const old = await sealed(kms, primary)
  await rotate(kms, primary)
  await server.sweepJobs()
  await remove(there, replica, first)
  expect((await metadataOf(there, replica)).KeyState).toBe('PendingImport')
  expect((await metadataOf(kms, primary)).KeyState).toBe('Enabled')
  await importInto(there, replica, material)
  const opened = await there.send(new DecryptCommand({ CiphertextBlob: old }))
  expect(opened.KeyMaterialId).toBe(first)
  // A replica made now is to get both.
  const last = await replicate(server, primary, { ReplicaRegion: THIRD_REGION })
  await importInto(third, last, next)
  expect((await metadataOf(third, last)).KeyState).toBe('PendingImport')
  await importInto(third, last, material)
  expect((await metadataOf(third, last)).KeyState).toBe('Enabled')
  expect(await materialsOf(third, last)).toEqual(
    (await materialsOf(kms, primary)).map((each) => ({ ...each, KeyId: last.arn })),
  )
})

it('What waits is deleted everywhere at the primary key, and in one Region at its replica', async () => {
  const { second, next, ...pair } = await waitingPair()
  const { primary, replica, first } = pair
  await importInto(there, replica, next)
  expect(await remove(there, replica, second)).toMatchObject({ KeyMaterialId: second })
  expect(await waiting(pair)).toEqual([
    [NOT_EVERYWHERE, 'IMPORTED'],
    [NOT_EVERYWHERE, 'PENDING_IMPORT'],
  ])
  expect((await metadataOf(there, replica)).KeyState).toBe('Enabled')
  expect(await refusalOf(rotate(kms, primary))).toEqual(nothingToRotate(primary))
  await importInto(there, replica, next)
  await remove(kms, primary, second)
  const left = [[first, 'CURRENT', 'IMPORTED']]
  expect([await listed(kms, primary), await listed(there, replica)]).toEqual([left, left])
  const again = importInto(there, replica, next)
  expect((await refusalOf(again)).name).toBe('IncorrectKeyMaterialException')
  // Other material takes its place.
  const other = await importInto(kms, primary, randomBytes(32), ROTATION)
  expect((await listed(there, replica)).at(1)?.at(0)).toBe(other.KeyMaterialId)
})

it('What waits goes everywhere on its date in the primary Region, and there alone in another', async () => {
  const { second, next, ...pair } = await waitingPair()
  const { primary, replica, first } = pair
  const ValidTo = new Date(Date.now() + 86_400_000)
  await importInto(there, replica, next, { ValidTo })
  await passExpiration(server, replica)
  const without = [
    [NOT_EVERYWHERE, 'IMPORTED'],
    [NOT_EVERYWHERE, 'PENDING_IMPORT'],
  ]
  // On its date, and not only when it is deleted.
  expect(await waiting(pair)).toEqual(without)
  expect(await refusalOf(rotate(kms, primary))).toEqual(nothingToRotate(primary))
  await server.sweepJobs()
  expect(await waiting(pair)).toEqual(without)
  await importInto(there, replica, next)
  await importInto(kms, primary, next, { ValidTo })
  await passExpiration(server, primary)
  await server.sweepJobs()
  const left = [[first, 'CURRENT', 'IMPORTED']]
  expect([await listed(kms, primary), await listed(there, replica)]).toEqual([left, left])
  const expired = await eventsOf(server, 'DeleteExpiredKeyMaterial', primary)
  expect(expired).toMatchObject([{ serviceEventDetails: { keyMaterialId: second } }])
})

it('A replica that is made meanwhile is waited for, until it has the material or is gone', async () => {
  const { second, next, ...pair } = await waitingPair()
  const { primary, replica, material } = pair
  await importInto(there, replica, next)
  expect(await waiting(pair)).toEqual([
    [EVERYWHERE, 'IMPORTED'],
    [EVERYWHERE, 'IMPORTED'],
  ])
  const last = await replicate(server, primary, { ReplicaRegion: THIRD_REGION })
  expect((await waiting(pair)).at(0)).toEqual([NOT_EVERYWHERE, 'IMPORTED'])
  expect((await importInto(third, last, next)).KeyMaterialId).toBe(second)
  // The rotation has no need of what else is missing there.
  expect((await waiting(pair)).at(0)).toEqual([EVERYWHERE, 'IMPORTED'])
  await remove(third, last, second)
  expect((await waiting(pair)).at(0)).toEqual([NOT_EVERYWHERE, 'IMPORTED'])
  await importInto(third, last, material)
  await third.send(new ScheduleKeyDeletionCommand({ KeyId: last.id }))
  expect(await refusalOf(rotate(kms, primary))).toEqual(nothingToRotate(primary))
  await alterKey(server, last, { deletes_at_ms: Date.now() })
  await server.sweepJobs()
  await rotate(kms, primary)
  await server.sweepJobs()
  expect((await metadataOf(there, replica)).CurrentKeyMaterialId).toBe(second)
})

it('A disabled replica rotates with its primary key, and stays disabled', async () => {
  const { primary, replica, next, second } = await waitingPair()
  await importInto(there, replica, next)
  await there.send(new DisableKeyCommand({ KeyId: replica.id }))
  await rotate(kms, primary)
  await server.sweepJobs()
  expect(await metadataOf(there, replica)).toMatchObject({
    KeyState: 'Disabled',
    CurrentKeyMaterialId: second,
  })
})

it('A rotation that was asked for waits for a Region that lost the material again', async () => {
  const { primary, replica, next, first, second } = await waitingPair()
  await importInto(there, replica, next)
  await rotate(kms, primary)
  await remove(there, replica, second)
  await server.sweepJobs()
  expect((await metadataOf(kms, primary)).CurrentKeyMaterialId).toBe(first)
  expect(await statusOf(kms, primary)).toHaveProperty('OnDemandRotationStartDate')
  await importInto(there, replica, next)
  await server.sweepJobs()
  expect((await metadataOf(there, replica)).CurrentKeyMaterialId).toBe(second)
})

it('A rotation that was asked for ends where its material is deleted at the primary key', async () => {
  const { primary, replica, next, first, second } = await waitingPair()
  await importInto(there, replica, next)
  await rotate(kms, primary)
  await remove(kms, primary, second)
  expect(await statusOf(kms, primary)).not.toHaveProperty('OnDemandRotationStartDate')
  await server.sweepJobs()
  expect(await listed(there, replica)).toEqual([[first, 'CURRENT', 'IMPORTED']])
})

it('Another primary Region takes over what waits, also where it has yet to get it', async () => {
  const { primary, replica, next, second } = await waitingPair()
  const input = { KeyId: primary.id, PrimaryRegion: REPLICA_REGION }
  await kms.send(new UpdatePrimaryRegionCommand(input))
  await server.sweepJobs()
  const pending = { primary, replica }
  expect(await waiting(pending)).toEqual([
    [NOT_EVERYWHERE, 'IMPORTED'],
    [NOT_EVERYWHERE, 'PENDING_IMPORT'],
  ])
  const other = importInto(there, replica, randomBytes(32), ROTATION)
  expect(await refusalOf(other)).toEqual(
    refusal(
      'KMSInvalidStateException',
      `${replica.arn} already has key material pending rotation. Rotate the key or delete that material first.`,
    ),
  )
  // A replica made of a primary key that has not got it can get it all the same.
  const last = await replicate(server, replica, { ReplicaRegion: THIRD_REGION }, there)
  expect((await importInto(third, last, next)).KeyMaterialId).toBe(second)
  await importInto(there, replica, next)
  expect(await refusalOf(rotate(kms, primary))).toEqual(
    refusal('UnsupportedOperationException', `${primary.arn} is not a multi-Region primary key.`),
  )
  await rotate(there, replica)
  await server.sweepJobs()
  expect((await metadataOf(kms, primary)).CurrentKeyMaterialId).toBe(second)
  expect((await metadataOf(there, replica)).CurrentKeyMaterialId).toBe(second)
})

it('Another primary Region without what waits can have it forgotten everywhere', async () => {
  const { primary, replica, first, second } = await waitingPair()
  const input = { KeyId: primary.id, PrimaryRegion: REPLICA_REGION }
  await kms.send(new UpdatePrimaryRegionCommand(input))
  await server.sweepJobs()
  await remove(there, replica, second)
  const left = [[first, 'CURRENT', 'IMPORTED']]
  expect([await listed(kms, primary), await listed(there, replica)]).toEqual([left, left])
})

it('Calls in two Regions at once leave both with the same materials', async () => {
  const { primary, replica, material, next } = await waitingPair()
  for (const bytes of [next, randomBytes(32), randomBytes(32)]) {
    const known = (await listed(kms, primary)).at(1)?.at(0)
    const id = known ?? (await importInto(kms, primary, bytes, ROTATION)).KeyMaterialId
    await Promise.allSettled([
      importInto(there, replica, bytes),
      remove(kms, primary, id),
      importInto(there, replica, bytes),
      remove(there, replica),
    ])
    const [here, elsewhere] = [await listed(kms, primary), await listed(there, replica)]
    expect(elsewhere.map(([one, state]) => [one, state])).toEqual(
      here.map(([one, state]) => [one, state]),
    )
    await importInto(there, replica, material)
    expect((await metadataOf(there, replica)).KeyState).toBe('Enabled')
  }
})
