// The keys that vouch for trail heads: one signs, wrapped by the root key, and one makes MACs, derived
// from it.
import { fields } from '../../crypto/fields.ts'
import {
  exportSigningKey,
  importSigningKey,
  newSigningKey,
  type SigningKey,
} from '../../crypto/signing-key.ts'
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage } from '../../storage/storage.ts'
import type { HeadKeys } from './chain.ts'
import type { TrailTables } from './tables.ts'

const FIRST_GENERATION = 1

/** The newest signing key, or nothing where none was made yet. */
export async function findSigningKey(
  storage: Storage,
  rootKey: RootKey,
): Promise<SigningKey | undefined> {
  const row = await storage.read
    .$extendTables<TrailTables>()
    .selectFrom('trail_signing_keys')
    .selectAll()
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (
    row &&
    importSigningKey(rootKey.unwrap('trailKey', signingKeyBinding(row.generation), row.wrapped))
  )
}

/** The MAC key and the newest signing key; makes the first one where there is none. */
export async function openHeadKeys(storage: Storage, rootKey: RootKey): Promise<HeadKeys> {
  const signingKey = await openSigningKey(storage, rootKey)
  return { signingKey, macKey: rootKey.macKey('trailMac') }
}

async function openSigningKey(storage: Storage, rootKey: RootKey): Promise<SigningKey> {
  const found = await findSigningKey(storage, rootKey)
  if (found !== undefined) return found
  const wrapped = rootKey.wrap(
    'trailKey',
    signingKeyBinding(FIRST_GENERATION),
    exportSigningKey(newSigningKey()),
  )
  await storage.write((tx) =>
    tx.db
      .$extendTables<TrailTables>()
      .insertInto('trail_signing_keys')
      .values({
        generation: FIRST_GENERATION,
        root_key_id: rootKey.id,
        wrapped,
        created_at_ms: Date.now(),
      })
      // Another process may have been faster: its key counts.
      .onConflict((conflict) => conflict.column('generation').doNothing())
      .execute(),
  )
  const made = await findSigningKey(storage, rootKey)
  if (made === undefined) throw new Error('the trail signing key was not stored')
  return made
}

/** What the private key is bound to when the root key wraps it. */
export function signingKeyBinding(generation: number): Buffer {
  return fields('trail signing key', String(generation))
}
