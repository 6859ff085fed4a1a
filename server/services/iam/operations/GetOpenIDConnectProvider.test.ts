// GetOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { make, show, needsProvider } = oidcProviders()

it('GetOpenIDConnectProvider tells of what was made without anything', async () => {
  expect(await show(await make('plain.example.org'))).toEqual({
    Url: 'plain.example.org',
    CreateDate: expect.any(Date),
    ClientIDList: [],
    ThumbprintList: [],
  })
})

it('GetOpenIDConnectProvider needs its permission, a provider and an ARN of one', () =>
  needsProvider('GetOpenIDConnectProvider', {}))
