// The keys that vouch for trail heads, on both databases.
import { describe, expect, it } from 'vitest'
import { migrate } from '../../storage/storage.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { newRootKey } from '../kms/testing/stores.ts'
import { trailMigration } from './migrations/0001-trail.ts'
import { findHeadKeys, openHeadKeys, signingKeyBinding } from './signing-key-store.ts'
import type { TrailTables } from './tables.ts'

describe.each(dialects)('The signing key on $name', (dialect) => {
  it('is made once and found again, by processes that start at once too', async () => {
    const place = await dialect.freshPlace()
    const first = await dialect.openAt(place)
    await migrate(first, [trailMigration])
    const others = await Promise.all([1, 2, 3].map(() => dialect.openAt(place)))
    const root = newRootKey()
    expect(await findHeadKeys(first, root)).toBeUndefined()
    const keys = await Promise.all([first, ...others].map((storage) => openHeadKeys(storage, root)))
    const publicKeys = new Set(keys.map(({ signingKey }) => signingKey.publicKey.toString('hex')))
    expect(publicKeys.size).toBe(1)
    const found = await findHeadKeys(first, root)
    expect(publicKeys).toContain(found?.signingKey.publicKey.toString('hex'))
    const [one, ...more] = keys.map(({ macKey }) => macKey)
    for (const macKey of more) expect(macKey.equals(one as typeof macKey)).toBe(true)
  })

  it('make the same MACs under another root key, and other ones for another private key', async () => {
    const storage = await dialect.freshStorage([trailMigration])
    const [root, next] = [newRootKey(), newRootKey()]
    const { macKey } = await openHeadKeys(storage, root)
    await storage.write(async (tx) => {
      const db = tx.db.$extendTables<TrailTables>()
      const row = await db.selectFrom('trail_signing_keys').selectAll().executeTakeFirstOrThrow()
      const secret = root.unwrap('trailKey', signingKeyBinding(row.generation), row.wrapped)
      const wrapped = next.wrap('trailKey', signingKeyBinding(row.generation), secret)
      await db.updateTable('trail_signing_keys').set({ wrapped }).execute()
    })
    expect((await openHeadKeys(storage, next)).macKey.equals(macKey)).toBe(true)
    await storage.write((tx) =>
      tx.db.$extendTables<TrailTables>().deleteFrom('trail_signing_keys').execute(),
    )
    expect((await openHeadKeys(storage, next)).macKey.equals(macKey)).toBe(false)
  })

  it('is refused with another root key, and when its row was changed', async () => {
    const storage = await dialect.freshStorage([trailMigration])
    const root = newRootKey()
    await openHeadKeys(storage, root)
    const problem = /What the root key unwraps was wrapped by it/
    await expect(openHeadKeys(storage, newRootKey())).rejects.toThrow(problem)
    await storage.write((tx) =>
      tx.db
        .$extendTables<TrailTables>()
        .updateTable('trail_signing_keys')
        .set({ generation: 2 })
        .execute(),
    )
    await expect(openHeadKeys(storage, root)).rejects.toThrow(problem)
  })
})
