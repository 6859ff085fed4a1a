// Imported material that waits for its rotation: it is deleted, goes on its date, has to come to another Region, or
// passes to another primary one.
import {
  type KMSClient,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import {
  EVERYWHERE,
  NOT_EVERYWHERE,
  nothingToRotate,
  ROTATION,
  remove,
  rotate,
  waitingPair,
} from '../testing/awaited-material.ts'
import { passExpiration } from '../testing/expiration.ts'
import { importInto } from '../testing/importing.ts'
import {
  metadataOf,
  PRIMARY_REGION,
  REPLICA_REGION,
  replicate,
  THIRD_REGION,
} from '../testing/multi-region.ts'
import { listed } from '../testing/multi-region-imports.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { alterKey, type StoredKey } from '../testing/stored-key.ts'

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

/** The state of the material that waits, as each of the two Regions tells it; nothing where none waits. */
async function waiting({ primary, replica }: { primary: StoredKey; replica: StoredKey }) {
  const [here, elsewhere] = [await listed(kms, primary), await listed(there, replica)]
  return [here.at(1)?.slice(1), elsewhere.at(1)?.slice(1)]
}

it('What waits is deleted everywhere at the primary key, and in one Region at its replica', async () => {
  const { second, next, ...pair } = await waitingPair(server)
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
  const { second, next, ...pair } = await waitingPair(server)
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
  const { second, next, ...pair } = await waitingPair(server)
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

it('Another primary Region takes over what waits, also where it has yet to get it', async () => {
  const { primary, replica, next, second } = await waitingPair(server)
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
  const { primary, replica, first, second } = await waitingPair(server)
  const input = { KeyId: primary.id, PrimaryRegion: REPLICA_REGION }
  await kms.send(new UpdatePrimaryRegionCommand(input))
  await server.sweepJobs()
  await remove(there, replica, second)
  const left = [[first, 'CURRENT', 'IMPORTED']]
  expect([await listed(kms, primary), await listed(there, replica)]).toEqual([left, left])
})
