// DeleteOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make } = oidcProviders()

it('DeleteOpenIDConnectProvider succeeds also where there is none', async () => {
  const named = await make('gone.example.org')
  await iam.call('DeleteOpenIDConnectProvider', named)
  expect(await iam.refused('GetOpenIDConnectProvider', named)).toMatch(/^NoSuchEntityException/)
  await iam.call('DeleteOpenIDConnectProvider', named)
})

it('DeleteOpenIDConnectProvider needs its permission', async () => {
  const { OpenIDConnectProviderArn } = await make('needs.example.org')
  await iam.needs('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn }, [
    ['iam:DeleteOpenIDConnectProvider', OpenIDConnectProviderArn],
  ])
})
