// RemoveClientIDFromOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make, show, needsProvider } = oidcProviders()

it('RemoveClientIDFromOpenIDConnectProvider removes a client id, whether it was there or not', async () => {
  const named = await make('clients.example.org', { ClientIDList: ['a', 'b'] })
  for (const ClientID of ['a', 'a']) {
    await iam.call('RemoveClientIDFromOpenIDConnectProvider', { ...named, ClientID })
  }
  expect((await show(named)).ClientIDList).toEqual(['b'])
})

it('RemoveClientIDFromOpenIDConnectProvider needs its permission, a provider and an ARN of one', () =>
  needsProvider('RemoveClientIDFromOpenIDConnectProvider', { ClientID: 'a' }))
