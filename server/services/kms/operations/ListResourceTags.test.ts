// ListResourceTags as callers see it: pages and markers.
import {
  CreateKeyCommand,
  type KMSClient,
  ListResourceTagsCommand,
  type ListResourceTagsCommandInput,
  type Tag,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'

const TAGS: Tag[] = Array.from({ length: 50 }, (_, index) => ({
  TagKey: `Schl\u00fcssel ${index}`,
  TagValue: `${index}`,
}))

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Tags: TAGS }))
  key = { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
})
afterAll(() => server.close())

function list(input: Partial<ListResourceTagsCommandInput> = {}) {
  return kms.send(new ListResourceTagsCommand({ KeyId: key.id, ...input }))
}

const byKey = (left: Tag, right: Tag) => ((left.TagKey ?? '') < (right.TagKey ?? '') ? -1 : 1)

it.each([50, 49, 25, 7, 1])(
  'ListResourceTags in pages of %i gives every tag once',
  async (Limit) => {
    const pages: Tag[][] = []
    let Marker: string | undefined
    do {
      const { Tags, NextMarker, Truncated } = await list({ Limit, Marker })
      expect(Truncated).toBe(NextMarker !== undefined)
      pages.push(Tags ?? [])
      Marker = NextMarker
    } while (Marker !== undefined)
    expect(pages.slice(0, -1).every((page) => page.length === Limit)).toBe(true)
    expect(pages.flat().sort(byKey)).toEqual([...TAGS].sort(byKey))
  },
)

it('ListResourceTags gives all 50 tags where no limit is asked for, or a greater one', async () => {
  for (const Limit of [undefined, 51, 1000]) {
    const { Tags, Truncated } = await list({ Limit })
    expect([Tags?.length, Truncated]).toEqual([50, false])
  }
})

it('ListResourceTags takes the ARN of a key, and gives nothing of a key without tags', async () => {
  expect((await list({ KeyId: key.arn })).Tags).toHaveLength(50)
  const other = await newKey(kms)
  expect(await list({ KeyId: other.id })).toMatchObject({ Tags: [], Truncated: false })
})

it.each(['x', Buffer.from('a&b').toString('base64url'), '\u00e9', 'm'.repeat(1024)])(
  "ListResourceTags refuses the marker '%s', which it never gave",
  async (Marker) => {
    expect((await refusalOf(list({ Marker }))).name).toBe('InvalidMarkerException')
  },
)

it('ListResourceTags refuses limits and markers beyond their bounds', async () => {
  const at = (value: string, name: string, sentence: string) =>
    invalid(
      `Value '${value}' at '${name}' failed to satisfy constraint: Member must have ${sentence}`,
    )
  expect(await refusalOf(list({ Limit: 0 }))).toEqual(
    at('0', 'limit', 'value greater than or equal to 1'),
  )
  expect(await refusalOf(list({ Limit: 1001 }))).toEqual(
    at('1001', 'limit', 'value less than or equal to 1000'),
  )
  expect(await refusalOf(list({ Marker: '' }))).toEqual(
    at('', 'marker', 'length greater than or equal to 1'),
  )
  expect(await refusalOf(list({ Marker: 'm'.repeat(1025) }))).toEqual(
    at('m'.repeat(1025), 'marker', 'length less than or equal to 1024'),
  )
})

it.each(['Disabled', 'PendingDeletion'])(
  'ListResourceTags takes a key that is %s',
  async (state) => {
    const other = await newKey(kms)
    await alterKey(server, other, { state })
    expect((await list({ KeyId: other.id })).Tags).toEqual([])
  },
)

it('ListResourceTags checks permission, then existence, then the marker', async () => {
  const told = async (KeyId: string) => (await refusalOf(list({ KeyId, Marker: 'x' }))).name
  const closed = await newKey(kms)
  await alterKey(server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  expect(await told(closed.id)).toBe('AccessDeniedException')
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told(key.id)).toBe('InvalidMarkerException')
})

it('ListResourceTags is recorded without the tags', async () => {
  const record = await recordOf(server, list({ Limit: 1 }))
  expect(record).toMatchObject({
    eventName: 'ListResourceTags',
    readOnly: true,
    requestParameters: { keyId: key.id, limit: 1 },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  expect(await refusalOf(list({ KeyId: 'alias/app' }))).toEqual(
    refusal('InvalidArnException', 'Key Aliases are not supported for this operation.'),
  )
})
