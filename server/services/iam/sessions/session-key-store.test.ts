// The key that seals session tokens, on both databases.
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../storage/storage.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { newRootKey } from '../../kms/testing/stores.ts'
import { sessionKeysMigration } from '../migrations/0003-session-keys.ts'
import type { IamTables } from '../tables.ts'
import { openSessionKey } from './session-key-store.ts'

describe.each(dialects)('The session key on $name', (dialect) => {
  it('is the same for all processes, also for those that start at once', async () => {
    const place = await dialect.freshPlace()
    const first = await dialect.openAt(place)
    await migrate(first, [sessionKeysMigration])
    const others = await Promise.all([1, 2, 3].map(() => dialect.openAt(place)))
    const root = newRootKey()
    const keys = await Promise.all(
      [first, ...others].map((storage) => openSessionKey(storage, root)),
    )
    for (const { generation, key } of keys) {
      expect(generation).toBe(1)
      expect(key.equals(keys[0]?.key as typeof key)).toBe(true)
    }
  })

  it('is refused with another root key, and when its row was changed', async () => {
    const storage = await dialect.freshStorage([sessionKeysMigration])
    const root = newRootKey()
    await openSessionKey(storage, root)
    const problem = /What the root key unwraps was wrapped by it/
    await expect(openSessionKey(storage, newRootKey())).rejects.toThrow(problem)
    await storage.write((tx) =>
      tx.db
        .$extendTables<IamTables>()
        .updateTable('iam_session_keys')
        .set({ generation: 2 })
        .execute(),
    )
    await expect(openSessionKey(storage, root)).rejects.toThrow(problem)
  })
})
