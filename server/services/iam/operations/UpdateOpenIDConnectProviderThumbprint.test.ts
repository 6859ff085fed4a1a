// UpdateOpenIDConnectProviderThumbprint as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders, THUMBPRINT } from '../testing/oidc-providers.ts'

const { iam, make, show, needsProvider } = oidcProviders()

it('UpdateOpenIDConnectProviderThumbprint puts a new list in the place of the old one', async () => {
  const named = await make('prints.example.org', { ThumbprintList: [THUMBPRINT] })
  const ThumbprintList = ['0'.repeat(40), 'f'.repeat(40)]
  await iam.call('UpdateOpenIDConnectProviderThumbprint', { ...named, ThumbprintList })
  expect((await show(named)).ThumbprintList).toEqual(ThumbprintList)
})

it('UpdateOpenIDConnectProviderThumbprint needs its permission, a provider and an ARN of one', () =>
  needsProvider('UpdateOpenIDConnectProviderThumbprint', { ThumbprintList: [THUMBPRINT] }))
