// New imported material for multi-Region keys: brought to every Region, then current in all of them at once.
import { DecryptCommand, DisableKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
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
import { importInto } from '../testing/importing.ts'
import {
  metadataOf,
  PRIMARY_REGION,
  REPLICA_REGION,
  replicate,
  THIRD_REGION,
} from '../testing/multi-region.ts'
import { importedPair, listed, sealed } from '../testing/multi-region-imports.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'

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
  const { primary, replica, material, next, first } = await waitingPair(server)
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

it('A disabled replica rotates with its primary key, and stays disabled', async () => {
  const { primary, replica, next, second } = await waitingPair(server)
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
  const { primary, replica, next, first, second } = await waitingPair(server)
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
  const { primary, replica, next, first, second } = await waitingPair(server)
  await importInto(there, replica, next)
  await rotate(kms, primary)
  await remove(kms, primary, second)
  expect(await statusOf(kms, primary)).not.toHaveProperty('OnDemandRotationStartDate')
  await server.sweepJobs()
  expect(await listed(there, replica)).toEqual([[first, 'CURRENT', 'IMPORTED']])
})

it('Calls in two Regions at once leave both with the same materials', async () => {
  const { primary, replica, material, next } = await waitingPair(server)
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
