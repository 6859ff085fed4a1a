// The keys that vouch for trail heads: one signs, wrapped by the root key; the other makes MACs, and is
// derived from the first, so that it stays the same when there is a new root key.
import { fields } from '../../crypto/fields.ts'
import { deriveKey, NONCE_BYTES } from '../../crypto/key-derivation.ts'
import { secretKey } from '../../crypto/secret-key.ts'
import { exportSigningKey, importSigningKey, newSigningKey } from '../../crypto/signing-key.ts'
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage } from '../../storage/storage.ts'
import type { HeadKeys } from './chain.ts'
import type { TrailTables } from './tables.ts'

const FIRST_GENERATION = 1
/** One MAC key for each private key: there is nothing to tell apart. */
const NO_NONCE = Buffer.alloc(NONCE_BYTES)

/** The newest keys, or nothing where none were made yet. */
export async function findHeadKeys(
  storage: Storage,
  rootKey: RootKey,
): Promise<HeadKeys | undefined> {
  const row = await storage.read
    .$extendTables<TrailTables>()
    .selectFrom('trail_signing_keys')
    .selectAll()
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const pkcs8 = rootKey.unwrap('trailKey', signingKeyBinding(row.generation), row.wrapped)
  const macKey = deriveKey(secretKey(Buffer.from(pkcs8)), 'trailMac', NO_NONCE)
  return { signingKey: importSigningKey(pkcs8), macKey }
}

/** The newest keys; makes the first ones where there are none. */
export async function openHeadKeys(storage: Storage, rootKey: RootKey): Promise<HeadKeys> {
  const found = await findHeadKeys(storage, rootKey)
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
  const made = await findHeadKeys(storage, rootKey)
  if (made === undefined) throw new Error('the trail signing key was not stored')
  return made
}

/** What the private key is bound to when the root key wraps it. */
export function signingKeyBinding(generation: number): Buffer {
  return fields('trail signing key', String(generation))
}
