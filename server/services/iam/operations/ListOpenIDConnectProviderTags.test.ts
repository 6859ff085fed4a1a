// ListOpenIDConnectProviderTags as administrators of an account see it.
import { expect, it } from 'vitest'
import { oidcProviders } from '../testing/oidc-providers.ts'

const { iam, make, needsProvider } = oidcProviders()

it('ListOpenIDConnectProviderTags lists what was put and not taken away, by pages', async () => {
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

it('ListOpenIDConnectProviderTags needs its permission, a provider and an ARN of one', () =>
  needsProvider('ListOpenIDConnectProviderTags', {}))
