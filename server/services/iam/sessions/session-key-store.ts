// The key that seals session tokens, wrapped by the root key and shared by all processes and servers.
import { fields } from '../../../crypto/fields.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../../crypto/secret-key.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { IamTables } from '../tables.ts'

/** A session key; tokens name it by its generation. */
export type SessionKey = { readonly generation: number; readonly key: SecretKey }

const FIRST_GENERATION = 1

/** The newest session key; makes the first one where there is none. */
export async function openSessionKey(storage: Storage, rootKey: RootKey): Promise<SessionKey> {
  const found = await findSessionKey(storage, rootKey)
  if (found !== undefined) return found
  await storage.write((tx) => {
    // Within the transaction: the root key stays the same until its end.
    const wrapped = rootKey.wrap('sessionKey', sessionKeyBinding(FIRST_GENERATION), randomBytes(32))
    return (
      tx.db
        .$extendTables<IamTables>()
        .insertInto('iam_session_keys')
        .values({
          generation: FIRST_GENERATION,
          root_key_id: rootKey.id,
          wrapped,
          created_at_ms: Date.now(),
        })
        // Another process may have been faster: its key counts.
        .onConflict((conflict) => conflict.column('generation').doNothing())
        .execute()
    )
  })
  const made = await findSessionKey(storage, rootKey)
  if (made === undefined) throw new Error('the session key was not stored')
  return made
}

async function findSessionKey(storage: Storage, rootKey: RootKey): Promise<SessionKey | undefined> {
  const row = await storage.read
    .$extendTables<IamTables>()
    .selectFrom('iam_session_keys')
    .selectAll()
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const bytes = rootKey.unwrap('sessionKey', sessionKeyBinding(row.generation), row.wrapped)
  return { generation: row.generation, key: secretKey(bytes) }
}

/** What a wrapped session key is bound to. */
export function sessionKeyBinding(generation: number): Buffer {
  return fields('session key', String(generation))
}
