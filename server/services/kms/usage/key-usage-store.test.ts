// What keys were last used for, on both databases.
import { describe, expect, it } from 'vitest'
import { dialects } from '../../../storage/testing/dialects.ts'
import { deleteKey } from '../keys/due-key-directory.ts'
import { kms } from '../service.ts'
import { insertKey, newRootKey, openStores } from '../testing/stores.ts'
import { type KeyUse, keyUsageStore } from './key-usage-store.ts'
import type { KeyUsageTables } from './tables.ts'

const use = (atMs: number, operation: KeyUse['operation'] = 'Encrypt'): KeyUse => ({
  operation,
  atMs,
  eventId: `event-${atMs}`,
  requestId: `request-${atMs}`,
})

describe.each(dialects)('The last uses of keys on $name', (dialect) => {
  /** Two processes over one database, and a key. */
  async function fresh() {
    const storage = await dialect.freshStorage(kms.migrations)
    const root = newRootKey()
    const stores = await openStores(storage, root)
    const warned: unknown[] = []
    const log = { warn: (line: unknown) => warned.push(line) }
    const open = () => keyUsageStore(storage, root, log)
    const [first, second] = [open(), open()]
    return { storage, root, stores, warned, open, first, second, key: await insertKey(stores) }
  }

  it('are known at once where they happened, and everywhere once they are stored', async () => {
    const { first, second, open, key } = await fresh()
    expect(await first.find(key)).toBeUndefined()
    first.note(key, use(5000, 'Sign'))
    expect(await first.find(key)).toEqual(use(5000, 'Sign'))
    expect(await second.find(key)).toBeUndefined()
    await first.flush()
    for (const store of [first, second, open()]) {
      expect(await store.find(key)).toEqual(use(5000, 'Sign'))
    }
  })

  it('are the latest, in whichever order they are noted and stored', async () => {
    const { first, second, key } = await fresh()
    first.note(key, use(7000, 'Decrypt'))
    first.note(key, use(6000, 'Encrypt'))
    second.note(key, use(6500, 'Sign'))
    await first.flush()
    await second.flush()
    expect(await second.find(key)).toEqual(use(7000, 'Decrypt'))
    second.note(key, use(6900))
    expect(await second.find(key)).toEqual(use(7000, 'Decrypt'))
    second.note(key, use(8000))
    expect(await second.find(key)).toEqual(use(8000))
    await Promise.all([first.flush(), second.flush(), second.flush()])
    expect(await first.find(key)).toEqual(use(8000))
  })

  it('belong to one key each, of many', async () => {
    const { stores, storage, first, second, key } = await fresh()
    const other = await insertKey(stores)
    first.note(key, use(1000))
    first.note(other, use(2000))
    // More than one statement takes, of keys that are not there.
    for (let index = 0; index < 700; index++) {
      first.note({ ...key, id: `none-${index}`, arn: `none-${index}` }, use(index))
    }
    await first.flush()
    expect([await second.find(key), await second.find(other)]).toEqual([use(1000), use(2000)])
    const rows = await storage.read
      .$extendTables<KeyUsageTables>()
      .selectFrom('kms_key_usage')
      .select('key_id')
      .execute()
    expect(rows.map((row) => row.key_id).sort()).toEqual([key.id, other.id].sort())
  })

  it('go with their key, and are not stored after it', async () => {
    const { storage, first, second, key, warned } = await fresh()
    first.note(key, use(1000))
    await first.flush()
    await storage.write((tx) => deleteKey(tx, key))
    expect(await second.find(key)).toBeUndefined()
    first.note(key, use(2000))
    await first.flush()
    expect(await second.find(key)).toBeUndefined()
    expect(warned).toEqual([])
  })

  it('are remembered on where they cannot be stored', async () => {
    const { storage, root, key } = await fresh()
    let isBroken = true
    const warned: object[] = []
    const broken: typeof storage = {
      ...storage,
      write: (work, pace) =>
        isBroken ? Promise.reject(new Error('disk full')) : storage.write(work, pace),
    }
    const store = keyUsageStore(broken, root, { warn: (line: object) => warned.push(line) })
    store.note(key, use(1000))
    await store.flush()
    expect(warned).toEqual([{ count: 1, failure: 'disk full' }])
    expect(await store.find(key)).toEqual(use(1000))
    isBroken = false
    await store.flush()
    expect(await keyUsageStore(storage, root, { warn: () => {} }).find(key)).toEqual(use(1000))
  })

  it('are not believed where somebody changed them', async () => {
    const { storage, first, second, key } = await fresh()
    first.note(key, use(5000))
    await first.flush()
    await storage.write(async (tx) => {
      await tx.db
        .$extendTables<KeyUsageTables>()
        .updateTable('kms_key_usage')
        .set({ used_at_ms: 1 })
        .execute()
    })
    await expect(second.find(key)).rejects.toThrow('kms_key_usage')
  })
})
