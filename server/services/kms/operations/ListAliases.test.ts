// ListAliases as callers see it: all aliases or those of a key, pages, markers, and nobody else's.
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  type KMSClient,
  ListAliasesCommand,
  type ListAliasesCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
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

const HOME = 'arn:aws:kms:us-east-1:111122223333'
const PER_KEY = 35
const ALIASES = 105

let server: TestServer
let kms: KMSClient
let keys: StoredKey[]
let names: string[]
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  keys = [await newKey(kms), await newKey(kms), await newKey(kms)]
  names = Array.from({ length: ALIASES }, (_, index) => `alias/a-${index}`)
  await Promise.all(
    names.map((AliasName, index) =>
      kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: keys[index % 3]?.id })),
    ),
  )
})
afterAll(() => server.close())

function list(input: ListAliasesCommandInput = {}, client = kms) {
  return client.send(new ListAliasesCommand(input))
}

async function allPages(input: ListAliasesCommandInput) {
  const pages: string[][] = []
  let Marker: string | undefined
  do {
    const { Aliases, NextMarker, Truncated } = await list({ ...input, Marker })
    expect(Truncated).toBe(NextMarker !== undefined)
    pages.push((Aliases ?? []).map(({ AliasName }) => AliasName as string))
    Marker = NextMarker
  } while (Marker !== undefined)
  return pages
}

it('ListAliases tells name, ARN, key and dates of an alias', async () => {
  const { Aliases } = await list({ KeyId: keys[0]?.id })
  const alias = Aliases?.find(({ AliasName }) => AliasName === 'alias/a-0')
  expect(alias).toEqual({
    AliasName: 'alias/a-0',
    AliasArn: `${HOME}:alias/a-0`,
    TargetKeyId: keys[0]?.id,
    CreationDate: expect.any(Date),
    LastUpdatedDate: expect.any(Date),
  })
  expect(Math.abs((alias?.CreationDate?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
})

it.each([100, 53, 1])('ListAliases in pages of %i gives every alias once', async (Limit) => {
  const pages = await allPages({ Limit })
  expect(pages.map((page) => page.length)).toEqual(
    Array.from({ length: Math.ceil(ALIASES / Limit) }, (_, page) =>
      Math.min(Limit, ALIASES - page * Limit),
    ),
  )
  expect(pages.flat().sort()).toEqual([...names].sort())
})

it('ListAliases gives 50 aliases where no limit is asked for, and never more than 100', async () => {
  expect((await list()).Aliases).toHaveLength(50)
  for (const Limit of [101, 1000]) expect((await list({ Limit })).Aliases).toHaveLength(100)
})

it('ListAliases gives the aliases of one key, by its id or ARN, in pages', async () => {
  for (const [index, key] of keys.entries()) {
    const expected = names.filter((_, place) => place % 3 === index).sort()
    expect((await allPages({ KeyId: key.id, Limit: 10 })).flat().sort()).toEqual(expected)
    const { Aliases, Truncated } = await list({ KeyId: key.arn })
    expect([Aliases?.length, Truncated]).toEqual([PER_KEY, false])
  }
  expect(await list({ KeyId: (await newKey(kms)).id })).toMatchObject({
    Aliases: [],
    Truncated: false,
  })
})

it('ListAliases goes on after a marker whose alias is gone', async () => {
  const extra = 'alias/a-1-extra'
  await kms.send(new CreateAliasCommand({ AliasName: extra, TargetKeyId: keys[0]?.id }))
  const Marker = Buffer.from(extra).toString('base64url')
  const before = (await list({ Marker })).Aliases
  await kms.send(new DeleteAliasCommand({ AliasName: extra }))
  expect((await list({ Marker })).Aliases).toEqual(before)
})

it.each([
  'x',
  NO_KEY_ID,
  'alias/a-1',
  Buffer.from('a-1').toString('base64url'),
  Buffer.from("alias/a'--").toString('base64url'),
  `${Buffer.from('alias/a-1').toString('base64url')}==`,
  'é',
  'm'.repeat(1024),
])("ListAliases refuses the marker '%s', which it never gave", async (Marker) => {
  expect(await refusalOf(list({ Marker }))).toEqual(
    refusal(
      'InvalidMarkerException',
      'The marker is not valid: pass the NextMarker of the previous answer unchanged.',
    ),
  )
})

it('ListAliases refuses limits, markers and keys beyond their bounds', async () => {
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
  expect(await refusalOf(list({ KeyId: '' }))).toEqual(
    at('', 'keyId', 'length greater than or equal to 1'),
  )
})

it('ListAliases refuses a key that is not there, in the same words where it is another’s', async () => {
  const notFound = (message: string) => refusal('NotFoundException', message)
  expect(await refusalOf(list({ KeyId: NO_KEY_ID }))).toEqual(
    notFound(`Key '${HOME}:key/${NO_KEY_ID}' does not exist`),
  )
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  expect(await refusalOf(list({ KeyId: foreign }))).toEqual(
    notFound(`Key '${foreign}' does not exist`),
  )
  expect(await refusalOf(list({ KeyId: 'alias/a-0' }))).toEqual(
    refusal('InvalidArnException', 'Key Aliases are not supported for this operation.'),
  )
  expect(await refusalOf(list({ KeyId: 'arn:aws:s3:::bucket' }))).toEqual(
    refusal('InvalidArnException', "Invalid ARN 'arn:aws:s3:::bucket'"),
  )
})

it('ListAliases asks the account for permission, not the key, whatever its state', async () => {
  const key = await newKey(kms)
  await alterKey(server, key, { policy: POLICY_WITHOUT_DELEGATION, state: 'PendingDeletion' })
  expect((await list({ KeyId: key.id })).Aliases).toEqual([])
})

it('ListAliases shows the aliases of one account and Region only', async () => {
  const credentials = await addOtherAccount(server)
  expect((await list({}, server.kms({ credentials }))).Aliases).toEqual([])
  expect((await list({}, server.kms({ region: 'eu-west-1' }))).Aliases).toEqual([])
})

it('ListAliases is recorded with what was asked for', async () => {
  expect(await recordOf(server, list({ Limit: 5 }))).toMatchObject({
    eventName: 'ListAliases',
    readOnly: true,
    requestParameters: { limit: 5 },
    responseElements: null,
  })
  expect(await recordOf(server, list({ KeyId: keys[0]?.id }))).toMatchObject({
    requestParameters: { keyId: keys[0]?.id },
    resources: [{ ARN: keys[0]?.arn }],
  })
})
