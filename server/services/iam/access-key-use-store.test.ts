// For what access keys signed last, on both databases.
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../contract/caller.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { newAccessKey } from './access-key-directory.ts'
import { accessKeyUseStore } from './access-key-use-store.ts'
import { iam } from './service.ts'
import type { IamTables } from './tables.ts'
import { insertAccounts, NOW_MS, newRootKey, openStores, userOf } from './testing/stores.ts'

const SILENT = { warn() {} }

describe.each(dialects)('The last uses of access keys on $name', (dialect) => {
  /** Two processes over one database, and a user with an access key. */
  async function fresh() {
    const storage = await dialect.freshStorage(iam.migrations)
    const root = newRootKey()
    await insertAccounts(storage, root)
    const { entities, accessKeys } = openStores(storage, root)
    const user = userOf('alice')
    const { accessKeyId, ...secret } = newAccessKey(user.account)
    await storage.write(async (tx) => {
      await entities.insert(tx, user)
      await accessKeys.insert(tx, user.id, { accessKeyId, ...secret }, NOW_MS)
    })
    const [first, second] = [0, 1].map(() => accessKeyUseStore(storage, root, SILENT)) as [
      ReturnType<typeof accessKeyUseStore>,
      ReturnType<typeof accessKeyUseStore>,
    ]
    const caller = (more: object = {}) =>
      ({ accessKeyId, session: undefined, ...more }) as unknown as Caller
    const remove = () => storage.write((tx) => accessKeys.delete(tx, user.id, accessKeyId))
    return { storage, first, second, caller, accessKeyId, remove }
  }
  const use = (atMs: number, service = 'kms') => ({ atMs, service, region: 'eu-west-1' })

  it('are the latest, known at once where they happened and everywhere once they are stored', async () => {
    const { first, second, caller, accessKeyId } = await fresh()
    expect(await first.find(accessKeyId)).toBeUndefined()
    first.note(caller(), 'kms', 'eu-west-1', 5000)
    expect([await first.find(accessKeyId), await second.find(accessKeyId)]).toEqual([
      use(5000),
      undefined,
    ])
    second.note(caller(), 'sts', 'eu-west-1', 4000)
    await first.flush()
    await second.flush()
    for (const store of [first, second]) expect(await store.find(accessKeyId)).toEqual(use(5000))
    second.note(caller(), 'sts', 'eu-west-1', 7000)
    await second.flush()
    expect(await first.find(accessKeyId)).toEqual(use(7000, 'sts'))
  })

  it('are noted once a second where they are alike, and at once where they differ', async () => {
    const { first, caller, accessKeyId } = await fresh()
    first.note(caller(), 'kms', 'eu-west-1', 5000)
    first.note(caller(), 'kms', 'eu-west-1', 5999)
    expect(await first.find(accessKeyId)).toEqual(use(5000))
    first.note(caller(), 'sts', 'eu-west-1', 5999)
    expect(await first.find(accessKeyId)).toEqual(use(5999, 'sts'))
    first.note(caller(), 'sts', 'eu-west-1', 6999)
    expect(await first.find(accessKeyId)).toEqual(use(6999, 'sts'))
  })

  it('are of access keys alone: not of sessions, services, or keys that are gone', async () => {
    const { first, second, caller, accessKeyId, remove } = await fresh()
    first.note(caller({ session: {} }), 'kms', 'eu-west-1', 5000)
    first.note(caller({ accessKeyId: '' }), 'kms', 'eu-west-1', 5000)
    expect([await first.find(accessKeyId), await first.find('')]).toEqual([undefined, undefined])
    first.note(caller(), 'kms', 'eu-west-1', 5000)
    await first.flush()
    await remove()
    expect(await second.find(accessKeyId)).toBeUndefined()
    second.note(caller(), 'kms', 'eu-west-1', 6000)
    await second.flush()
    expect(await first.find(accessKeyId)).toBeUndefined()
  })

  it('are not believed where somebody changed them', async () => {
    const { storage, first, second, caller, accessKeyId } = await fresh()
    first.note(caller(), 'kms', 'eu-west-1', 5000)
    await first.flush()
    await storage.write(async (tx) => {
      const tables = tx.db.$extendTables<IamTables>()
      await tables.updateTable('iam_access_key_uses').set({ used_at_ms: 1 }).execute()
    })
    await expect(second.find(accessKeyId)).rejects.toThrow('iam_access_key_uses')
  })
})
