// ListOpenIDConnectProviders as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make } = oidcProviders()

it('ListOpenIDConnectProviders lists every provider of the account', async () => {
  const first = await make('first.example.org')
  const second = await make('second.example.org')
  const { OpenIDConnectProviderList } = await iam.call('ListOpenIDConnectProviders')
  expect(OpenIDConnectProviderList).toEqual([
    { Arn: first.OpenIDConnectProviderArn },
    { Arn: second.OpenIDConnectProviderArn },
  ])
})

it('ListOpenIDConnectProviders needs its permission', () =>
  iam.needs('ListOpenIDConnectProviders', {}, [['iam:ListOpenIDConnectProviders', '*']]))
