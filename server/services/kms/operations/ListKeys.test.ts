// ListKeys as callers see it: pages, markers, and nobody else's keys.
import { type KMSClient, ListKeysCommand, type ListKeysCommandInput } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addOtherAccount } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const KEYS = 105
const INVALID_MARKER = refusal(
  'InvalidMarkerException',
  'The marker is not valid: pass the NextMarker of the previous answer unchanged.',
)

let server: TestServer
let kms: KMSClient
let keys: StoredKey[]
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  keys = await Promise.all(Array.from({ length: KEYS }, () => newKey(kms)))
})
afterAll(() => server.close())

function list(input: ListKeysCommandInput = {}, client = kms) {
  return client.send(new ListKeysCommand(input))
}

async function allPages(limit: number) {
  const pages: { id: string | undefined; arn: string | undefined }[][] = []
  let Marker: string | undefined
  do {
    const { Keys, NextMarker, Truncated } = await list({ Limit: limit, Marker })
    expect(Truncated).toBe(NextMarker !== undefined)
    pages.push((Keys ?? []).map(({ KeyId, KeyArn }) => ({ id: KeyId, arn: KeyArn })))
    Marker = NextMarker
  } while (Marker !== undefined)
  return pages
}

it.each([1000, KEYS, 50, 35, 1])('ListKeys in pages of %i gives every key once', async (limit) => {
  const pages = await allPages(limit)
  expect(pages.map((page) => page.length)).toEqual(
    Array.from({ length: Math.ceil(KEYS / limit) }, (_, page) =>
      Math.min(limit, KEYS - page * limit),
    ),
  )
  const listed = pages.flat()
  const byId = (left: { id?: string | undefined }, right: { id?: string | undefined }) =>
    (left.id ?? '') < (right.id ?? '') ? -1 : 1
  expect(listed.sort(byId)).toEqual([...keys].sort(byId))
})

it('ListKeys gives 100 keys where no limit is asked for', async () => {
  const { Keys, Truncated, NextMarker } = await list()
  expect([Keys?.length, Truncated]).toEqual([100, true])
  expect((await list({ Marker: NextMarker })).Keys?.length).toBe(KEYS - 100)
})

it('ListKeys goes on after a marker even where its key is new or gone', async () => {
  const first = Buffer.from('00000000-0000-0000-0000-000000000000').toString('base64url')
  expect((await list({ Marker: first, Limit: 1000 })).Keys?.length).toBe(KEYS)
  const last = Buffer.from('ffffffff-ffff-ffff-ffff-ffffffffffff').toString('base64url')
  expect(await list({ Marker: last })).toMatchObject({ Keys: [], Truncated: false })
})

it.each([
  'x',
  NO_KEY_ID,
  Buffer.from('not-a-key').toString('base64url'),
  Buffer.from(`${NO_KEY_ID}'--`).toString('base64url'),
  'é',
  'm'.repeat(1024),
])("ListKeys refuses the marker '%s', which it never gave", async (Marker) => {
  expect(await refusalOf(list({ Marker }))).toEqual(INVALID_MARKER)
})

it('ListKeys refuses limits and markers beyond their bounds', async () => {
  const at = (value: string, name: string, sentence: string) =>
    invalid(`Value '${value}' at '${name}' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(list({ Limit: 0 }))).toEqual(
    at('0', 'limit', 'Member must have value greater than or equal to 1'),
  )
  expect(await refusalOf(list({ Limit: 1001 }))).toEqual(
    at('1001', 'limit', 'Member must have value less than or equal to 1000'),
  )
  expect(await refusalOf(list({ Marker: '' }))).toEqual(
    at('', 'marker', 'Member must have length greater than or equal to 1'),
  )
  const tooLong = 'm'.repeat(1025)
  expect(await refusalOf(list({ Marker: tooLong }))).toEqual(
    at(tooLong, 'marker', 'Member must have length less than or equal to 1024'),
  )
})

it('ListKeys refuses a limit that is no whole number', async () => {
  for (const limit of ['1.5', '"10"', '1e999', '[]']) {
    const answer = await sendSigned(server, 'ListKeys', `{"Limit":${limit}}`)
    expect([answer.status, answer.body.__type]).toEqual([400, 'SerializationException'])
  }
})

it('ListKeys shows the keys of one account and Region only', async () => {
  const credentials = await addOtherAccount(server)
  const others = server.kms({ credentials })
  expect((await list({}, others)).Keys).toEqual([])
  const theirs = await newKey(others)
  expect((await list({}, others)).Keys).toEqual([{ KeyId: theirs.id, KeyArn: theirs.arn }])
  expect((await list({}, server.kms({ region: 'eu-west-1' }))).Keys).toEqual([])
  const ours = await list({ Limit: 1000 })
  expect(ours.Keys?.map(({ KeyId }) => KeyId)).not.toContain(theirs.id)
})
