// ListKeyRotations as callers see it; the answers are those that AWS was seen to give.
import {
  DisableKeyCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  type ListKeyRotationsCommandInput,
  paginateListKeyRotations,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const ALL = { IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } as const

let server: TestServer
let kms: KMSClient
let rotated: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  rotated = await newKey(kms)
  for (let times = 0; times < 5; times++) {
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: rotated.id }))
    await server.sweepJobs()
  }
})
afterAll(() => server.close())

function list(input: Partial<ListKeyRotationsCommandInput>) {
  return kms.send(new ListKeyRotationsCommand({ KeyId: rotated.id, ...input }))
}

async function told(input: Partial<ListKeyRotationsCommandInput>): Promise<string> {
  return (await refusalOf(list(input))).name
}

it('ListKeyRotations of a new key lists nothing, or its first material when asked for all', async () => {
  const { id, arn } = await newKey(kms)
  expect(await list({ KeyId: id })).toMatchObject({ Rotations: [], Truncated: false })
  const { Rotations } = await list({ KeyId: arn, ...ALL })
  const KeyMaterialId = expect.stringMatching(/^[0-9a-f]{64}$/)
  expect(Rotations).toEqual([{ KeyId: arn, KeyMaterialId, KeyMaterialState: 'CURRENT' }])
})

it('ListKeyRotations lists rotations, the oldest first, the last one current', async () => {
  const { Rotations } = await list({})
  expect(Rotations).toHaveLength(5)
  expect((await list({ IncludeKeyMaterial: 'ROTATIONS_ONLY' })).Rotations).toEqual(Rotations)
  const states = Rotations?.map(({ KeyMaterialState }) => KeyMaterialState)
  expect(states).toEqual([...Array(4).fill('NON_CURRENT'), 'CURRENT'])
  const dates = Rotations?.map(({ RotationDate }) => RotationDate?.getTime() ?? 0)
  expect(dates).toEqual(dates?.toSorted((left, right) => left - right))
  for (const entry of Rotations ?? []) {
    expect(entry).toMatchObject({ KeyId: rotated.arn, RotationType: 'ON_DEMAND' })
  }
  const all = (await list(ALL)).Rotations
  expect(all?.slice(1)).toEqual(Rotations)
  expect(all?.[0]?.RotationDate).toBeUndefined()
})

it.each([1, 2, 5, 6, 1000])(
  'ListKeyRotations gives every material in pages of %i',
  async (size) => {
    const whole = (await list(ALL)).Rotations
    const found: unknown[] = []
    const input = { KeyId: rotated.id, ...ALL }
    for await (const page of paginateListKeyRotations({ client: kms, pageSize: size }, input)) {
      expect(page.Rotations?.length).toBeLessThanOrEqual(size)
      expect(page.Truncated).toBe(page.NextMarker !== undefined)
      found.push(...(page.Rotations ?? []))
    }
    expect(found).toEqual(whole)
  },
)

it('ListKeyRotations refuses a limit of 0 or 1001, and a marker that is none', async () => {
  const at = (value: number, sentence: string) =>
    invalid(`Value '${value}' at 'limit' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(list({ Limit: 0 }))).toEqual(
    at(0, 'Member must have value greater than or equal to 1'),
  )
  expect(await refusalOf(list({ Limit: 1001 }))).toEqual(
    at(1001, 'Member must have value less than or equal to 1000'),
  )
  expect(await told({ Marker: '' })).toBe('ValidationException')
  expect(await told({ Marker: 'm'.repeat(1025) })).toBe('ValidationException')
  expect(await told({ Marker: 'm'.repeat(1024) })).toBe('InvalidMarkerException')
  expect(await told({ Marker: 'invalid' })).toBe('InvalidMarkerException')
  expect(await told({ IncludeKeyMaterial: 'SOME' as 'ROTATIONS_ONLY' })).toBe('ValidationException')
})

it('ListKeyRotations does not go on in another key than the marker is of', async () => {
  const { NextMarker } = await list({ Limit: 1 })
  const other = await newKey(kms)
  expect(await told({ KeyId: other.id, Marker: NextMarker })).toBe('InvalidMarkerException')
})

it('ListKeyRotations lists the rotations of a disabled key, and of one pending deletion', async () => {
  const key = await newKey(kms)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  await server.sweepJobs()
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect((await list({ KeyId: key.id })).Rotations).toHaveLength(1)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  expect((await list({ KeyId: key.id })).Rotations).toHaveLength(1)
})

it('ListKeyRotations checks validity, then permission, then existence, then the marker', async () => {
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  const Marker = 'invalid'
  expect((await sendSigned(server, 'ListKeyRotations', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told({ KeyId: foreign, Limit: 0, Marker })).toBe('ValidationException')
  expect(await told({ KeyId: foreign, Marker })).toBe('AccessDeniedException')
  expect(await told({ KeyId: NO_KEY_ID, Marker })).toBe('NotFoundException')
  expect(await told({ KeyId: 'arn:', Marker })).toBe('InvalidArnException')
  expect(await told({ Marker })).toBe('InvalidMarkerException')
})

it('The record of ListKeyRotations shows the request and no answer', async () => {
  expect(await recordOf(server, list({ ...ALL, Limit: 2 }))).toMatchObject({
    eventName: 'ListKeyRotations',
    readOnly: true,
    requestParameters: { keyId: rotated.id, includeKeyMaterial: 'ALL_KEY_MATERIAL', limit: 2 },
    responseElements: null,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: rotated.arn }],
  })
})
