// CreateOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { recordOf } from '../../kms/testing/recorded.ts'
import { oidcProviders, providerArn, THUMBPRINT } from '../testing/oidc-providers.ts'

const { iam, make, show } = oidcProviders()

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

it('CreateOpenIDConnectProvider needs its permission, and another for tags', async () => {
  const arn = providerArn('needs.example.org')
  const Url = 'https://needs.example.org'
  const Tags = [{ Key: 'a', Value: 'b' }]
  await iam.needs('CreateOpenIDConnectProvider', { Url, Tags }, [
    ['iam:CreateOpenIDConnectProvider', arn],
    ['iam:TagOpenIDConnectProvider', arn],
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
