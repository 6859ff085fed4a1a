// The rows of OpenID Connect providers, on both databases.
import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { ForgedRowError } from '../../../seal/row-mac.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { openIdentities } from '../identities.ts'
import { iam } from '../service.ts'
import { ACCOUNT, insertAccounts, NOW_MS, newRootKey, OTHER } from '../testing/stores.ts'
import type { OidcProvider } from './oidc-provider.ts'
import { oidcProviderStore } from './oidc-provider-store.ts'

const SHOP: OidcProvider = {
  account: ACCOUNT,
  url: 'issuer.example.org/id/Shop',
  version: 1,
  clientIds: ['sts.amazonaws.com'],
  thumbprints: ['0'.repeat(40)],
  tags: [{ key: 'team', value: 'blue' }],
  createdAtMs: NOW_MS,
}

describe.each(dialects)('The store of OpenID Connect providers on $name', (dialect) => {
  const root = newRootKey()

  async function fresh() {
    const storage = await dialect.freshStorage(iam.migrations)
    await insertAccounts(storage, root)
    const store = oidcProviderStore(storage, root, ACCOUNT)
    const insert = (provider: OidcProvider) => storage.write((tx) => store.insert(tx, provider))
    return { storage, store, insert }
  }

  it('finds a provider as it was inserted, by exactly its URL', async () => {
    const { store, insert } = await fresh()
    expect([await insert(SHOP), await insert(SHOP)]).toEqual([true, false])
    expect(await store.find(SHOP.url)).toEqual(SHOP)
    for (const other of [`${SHOP.url}/`, SHOP.url.toLowerCase(), 'issuer.example.org']) {
      expect(await store.find(other)).toBeUndefined()
      await insert({ ...SHOP, url: other })
    }
    expect((await store.list()).length).toBe(4)
  })

  it('changes and deletes what was looked at, and nothing that is another one by now', async () => {
    const { storage, store, insert } = await fresh()
    await insert(SHOP)
    await storage.write((tx) => store.change(tx, SHOP, { clientIds: ['a', 'b'] }))
    expect(await store.find(SHOP.url)).toEqual({ ...SHOP, version: 2, clientIds: ['a', 'b'] })
    await expect(storage.write((tx) => store.change(tx, SHOP, { tags: [] }))).rejects.toThrow(Moved)
    await expect(storage.write((tx) => store.delete(tx, SHOP))).rejects.toThrow(Moved)
    // Made anew, it is another one.
    const again = { ...SHOP, version: 2, createdAtMs: NOW_MS + 1 }
    await expect(storage.write((tx) => store.delete(tx, again))).rejects.toThrow(Moved)
    await storage.write((tx) => store.delete(tx, { ...SHOP, version: 2 }))
    expect(await store.list()).toEqual([])
  })

  it('shows the providers of other accounts to nobody', async () => {
    const { storage, insert } = await fresh()
    await insert(SHOP)
    const others = oidcProviderStore(storage, root, OTHER)
    expect([await others.find(SHOP.url), await others.list()]).toEqual([undefined, []])
    await expect(storage.write((tx) => others.delete(tx, SHOP))).rejects.toThrow(Moved)
    const identities = await openIdentities(storage, root)
    expect(await identities.findOidcProvider(OTHER, SHOP.url)).toBeUndefined()
    expect(await identities.findOidcProvider(ACCOUNT, SHOP.url)).toEqual({
      account: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${SHOP.url}`,
      url: SHOP.url,
      clientIds: SHOP.clientIds,
      thumbprints: SHOP.thumbprints,
    })
  })

  it('believes no row that somebody else wrote or changed', async () => {
    const { storage, store, insert } = await fresh()
    await insert(SHOP)
    const forge = (columns: Record<string, string>) =>
      storage.write((tx) =>
        // biome-ignore lint/suspicious/noExplicitAny: somebody else's statements know no types.
        (tx.db as Kysely<any>).updateTable('iam_oidc_providers').set(columns).execute(),
      )
    await forge({ url: 'issuer.evil.example' })
    await expect(store.find('issuer.evil.example')).rejects.toThrow(ForgedRowError)
    await forge({ url: SHOP.url })
    expect(await store.find(SHOP.url)).toEqual(SHOP)
    await forge({ document: '{"clientIds":["*"],"thumbprints":[],"tags":[]}' })
    await expect(store.find(SHOP.url)).rejects.toThrow(ForgedRowError)
    await expect(store.list()).rejects.toThrow(ForgedRowError)
  })
})
