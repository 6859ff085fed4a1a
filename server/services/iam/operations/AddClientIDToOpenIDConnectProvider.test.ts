// AddClientIDToOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make, show, needsProvider } = oidcProviders()

it('AddClientIDToOpenIDConnectProvider adds a client id, once', async () => {
  const named = await make('clients.example.org', { ClientIDList: ['a'] })
  for (const ClientID of ['b', 'b']) {
    await iam.call('AddClientIDToOpenIDConnectProvider', { ...named, ClientID })
  }
  expect((await show(named)).ClientIDList).toEqual(['a', 'b'])
})

it('AddClientIDToOpenIDConnectProvider needs its permission, a provider and an ARN of one', () =>
  needsProvider('AddClientIDToOpenIDConnectProvider', { ClientID: 'a' }))
