// OpenID Connect providers as callers see them: made, shown, changed, tagged, deleted.
import { expect, it } from 'vitest'
import { recordOf } from '../../kms/testing/recorded.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'

const iam = iamServer()
const THUMBPRINT = 'A031C46782E6E6C662C2C87C76DA9AA62CCABD8E'
const providerArn = (url: string) => arnOf(`oidc-provider/${url}`)
const none = { OpenIDConnectProviderArn: providerArn('none.example.org') }
const notFound = `NoSuchEntityException 404: OpenIDConnect Provider not found for arn ${none.OpenIDConnectProviderArn}`

async function make(url: string, more: object = {}) {
  const made = await iam.call('CreateOpenIDConnectProvider', { Url: `https://${url}`, ...more })
  return { OpenIDConnectProviderArn: made.OpenIDConnectProviderArn as string }
}

const show = (named: object) => iam.call('GetOpenIDConnectProvider', named as never)

it('CreateOpenIDConnectProvider keeps what GetOpenIDConnectProvider tells', async () => {
  const url = 'Issuer.example.org:8443/realms/shop'
  const Tags = [{ Key: 'team', Value: 'blue' }]
  const given = { ClientIDList: ['sts.amazonaws.com', 'b'], ThumbprintList: [THUMBPRINT], Tags }
  const named = await make(url, given)
  expect(named).toEqual({ OpenIDConnectProviderArn: providerArn(url) })
  expect(await show(named)).toEqual({ Url: url, CreateDate: expect.any(Date), ...given })
  expect(await show(await make('plain.example.org'))).toMatchObject({
    ClientIDList: [],
    ThumbprintList: [],
  })
  const { OpenIDConnectProviderList } = await iam.call('ListOpenIDConnectProviders')
  expect(OpenIDConnectProviderList).toEqual([
    { Arn: providerArn(url) },
    { Arn: providerArn('plain.example.org') },
  ])
})

it('CreateOpenIDConnectProvider takes a URL once; a slash more makes it another', async () => {
  const url = 'twice.example.org/id'
  await make(url)
  await make(`${url}/`)
  expect(await iam.refused('CreateOpenIDConnectProvider', { Url: `https://${url}` })).toBe(
    `EntityAlreadyExistsException 409: Provider with url https://${url} already exists.`,
  )
})

it('CreateOpenIDConnectProvider refuses URLs that are no issuer of HTTPS', async () => {
  for (const Url of [
    'http://example.org',
    'example.org',
    'https://',
    'https://user@example.org',
    'https://example.org/?tenant=a',
    'https://example.org/#a',
    'https://example.org/*',
    'https://example.org:99999',
    'https://exa mple.org',
  ]) {
    expect([Url, await iam.refused('CreateOpenIDConnectProvider', { Url })]).toEqual([
      Url,
      'ValidationError 400: Invalid Open ID Connect Provider URL',
    ])
  }
  const long = { Url: `https://example.org/${'a'.repeat(236)}` }
  expect(await iam.refused('CreateOpenIDConnectProvider', long)).toMatch(
    /^ValidationError 400: 1 val/,
  )
})

it('Five thumbprints and a hundred client ids are as many as there can be', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `client-${at}`)
  const create = (more: object) =>
    iam.refused('CreateOpenIDConnectProvider', { Url: 'https://many.example.org', ...more })
  const tooMany = 'InvalidInputException 400: Thumbprint list must contain fewer than 5 entries.'
  const clients =
    'LimitExceededException 409: Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100'
  expect(await create({ ThumbprintList: Array(6).fill(THUMBPRINT) })).toBe(tooMany)
  expect(await create({ ThumbprintList: ['x'.repeat(40)] })).toBe(
    `InvalidInputException 400: Thumbprint ${'x'.repeat(40)} is not 40 hexadecimal digits.`,
  )
  expect(await create({ ThumbprintList: ['ab'] })).toMatch(/^ValidationError 400/)
  expect(await create({ ClientIDList: many(101) })).toBe(clients)
  const named = await make('many.example.org', { ClientIDList: many(100) })
  const add = { ...named, ClientID: 'one-more' }
  expect(await iam.refused('AddClientIDToOpenIDConnectProvider', add)).toBe(clients)
})

it('Client ids are added and removed, whether they were there or not', async () => {
  const named = await make('clients.example.org', { ClientIDList: ['a'] })
  for (const ClientID of ['b', 'b']) {
    await iam.call('AddClientIDToOpenIDConnectProvider', { ...named, ClientID })
  }
  expect((await show(named)).ClientIDList).toEqual(['a', 'b'])
  for (const ClientID of ['a', 'a']) {
    await iam.call('RemoveClientIDFromOpenIDConnectProvider', { ...named, ClientID })
  }
  expect((await show(named)).ClientIDList).toEqual(['b'])
})

it('UpdateOpenIDConnectProviderThumbprint puts a new list in the place of the old one', async () => {
  const named = await make('prints.example.org', { ThumbprintList: [THUMBPRINT] })
  const ThumbprintList = ['0'.repeat(40), 'f'.repeat(40)]
  await iam.call('UpdateOpenIDConnectProviderThumbprint', { ...named, ThumbprintList })
  expect((await show(named)).ThumbprintList).toEqual(ThumbprintList)
})

it('Tags are put, taken away and listed by pages', async () => {
  const named = await make('tags.example.org', { Tags: [{ Key: 'Team', Value: 'blue' }] })
  const Tags = ['team', 'b', 'c'].map((Key) => ({ Key, Value: 'x' }))
  await iam.call('TagOpenIDConnectProvider', { ...named, Tags })
  await iam.call('UntagOpenIDConnectProvider', { ...named, TagKeys: ['C', 'none'] })
  const first = await iam.call('ListOpenIDConnectProviderTags', { ...named, MaxItems: 1 })
  expect(first).toMatchObject({ Tags: [{ Key: 'b', Value: 'x' }], IsTruncated: true })
  const { Marker } = first
  expect(await iam.call('ListOpenIDConnectProviderTags', { ...named, Marker })).toEqual({
    Tags: [{ Key: 'team', Value: 'x' }],
    IsTruncated: false,
  })
})

it('DeleteOpenIDConnectProvider succeeds also where there is none', async () => {
  const named = await make('gone.example.org')
  await iam.call('DeleteOpenIDConnectProvider', named)
  expect(await iam.refused('GetOpenIDConnectProvider', named)).toMatch(/^NoSuchEntityException/)
  await iam.call('DeleteOpenIDConnectProvider', named)
})

const CHANGES: [operation: string, more: object][] = [
  ['GetOpenIDConnectProvider', {}],
  ['AddClientIDToOpenIDConnectProvider', { ClientID: 'a' }],
  ['RemoveClientIDFromOpenIDConnectProvider', { ClientID: 'a' }],
  ['UpdateOpenIDConnectProviderThumbprint', { ThumbprintList: [THUMBPRINT] }],
  ['TagOpenIDConnectProvider', { Tags: [{ Key: 'a', Value: 'b' }] }],
  ['UntagOpenIDConnectProvider', { TagKeys: ['a'] }],
  ['ListOpenIDConnectProviderTags', {}],
]

it.each(CHANGES)(
  '%s needs its permission, a provider and an ARN of one',
  async (operation, more) => {
    const named = await make(`${operation}.example.org`)
    await iam.needs(operation, { ...named, ...more }, [
      [`iam:${operation}`, named.OpenIDConnectProviderArn],
    ])
    expect(await iam.refused(operation, { ...none, ...more })).toBe(notFound)
    for (const OpenIDConnectProviderArn of [arnOf('role/not-a-provider'), 'x'.repeat(20)]) {
      expect(await iam.refused(operation, { OpenIDConnectProviderArn, ...more })).toBe(
        `InvalidInputException 400: ARN ${OpenIDConnectProviderArn} is not valid.`,
      )
    }
  },
)

it('Making, listing and deleting need their permissions', async () => {
  const arn = providerArn('needs.example.org')
  const Url = 'https://needs.example.org'
  const Tags = [{ Key: 'a', Value: 'b' }]
  await iam.needs('CreateOpenIDConnectProvider', { Url, Tags }, [
    ['iam:CreateOpenIDConnectProvider', arn],
    ['iam:TagOpenIDConnectProvider', arn],
  ])
  await iam.needs('ListOpenIDConnectProviders', {}, [['iam:ListOpenIDConnectProviders', '*']])
  await iam.needs('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }, [
    ['iam:DeleteOpenIDConnectProvider', arn],
  ])
})

it('A provider that is made is recorded', async () => {
  const Url = 'https://recorded.example.org'
  const sdk = await import('@aws-sdk/client-iam')
  const answer = iam.server.iam().send(new sdk.CreateOpenIDConnectProviderCommand({ Url }))
  expect(await recordOf(iam.server, answer)).toMatchObject({
    eventName: 'CreateOpenIDConnectProvider',
    eventSource: 'iam.amazonaws.com',
    requestParameters: { url: Url },
    responseElements: { openIDConnectProviderArn: providerArn('recorded.example.org') },
  })
})
