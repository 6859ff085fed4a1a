// UntagOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make, needsProvider } = oidcProviders()

it('UntagOpenIDConnectProvider takes tags away, whether they were there or not', async () => {
  const Tags = ['a', 'b'].map((Key) => ({ Key, Value: 'x' }))
  const named = await make('tags.example.org', { Tags })
  await iam.call('UntagOpenIDConnectProvider', { ...named, TagKeys: ['A', 'none'] })
  const listed = await iam.call('ListOpenIDConnectProviderTags', named)
  expect(listed.Tags).toEqual([{ Key: 'b', Value: 'x' }])
})

it('UntagOpenIDConnectProvider needs its permission, a provider and an ARN of one', () =>
  needsProvider('UntagOpenIDConnectProvider', { TagKeys: ['a'] }))
