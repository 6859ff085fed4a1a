// TagOpenIDConnectProvider as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make, needsProvider } = oidcProviders()

it('TagOpenIDConnectProvider puts tags, whose keys meet in any case', async () => {
  const named = await make('tags.example.org', { Tags: [{ Key: 'Team', Value: 'blue' }] })
  const Tags = ['team', 'b'].map((Key) => ({ Key, Value: 'x' }))
  await iam.call('TagOpenIDConnectProvider', { ...named, Tags })
  const listed = await iam.call('ListOpenIDConnectProviderTags', named)
  expect(listed.Tags).toEqual(expect.arrayContaining(Tags))
  expect(listed.Tags).toHaveLength(2)
})

it('TagOpenIDConnectProvider needs its permission, a provider and an ARN of one', () =>
  needsProvider('TagOpenIDConnectProvider', { Tags: [{ Key: 'a', Value: 'b' }] }))
