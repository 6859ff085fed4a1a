// Access keys of all accounts: a signature names only its key, and the key says who signed.

import type { AccessKeys, Credential } from '../../contract/ports.ts'
import { fields } from '../../crypto/fields.ts'
import { randomBytes } from '../../crypto/random.ts'
import { secretKey } from '../../crypto/secret-key.ts'
import type { RootKey } from '../../seal/root-key.ts'
import { coherentCache } from '../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../storage/storage.ts'
import { rootCaller } from './callers.ts'
import { accessKeyRowMacs } from './row-macs.ts'
import type { IamTables } from './tables.ts'

/** The topic on which changes of access keys are announced; the subject is the access key id. */
const ACCESS_KEY_TOPIC = 'iam/access-key'

/** The principal whose access keys these are: the account's root user. */
const ROOT = 'root'
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const MAX_CACHED_KEYS = 10_000
const ACCESS_KEY_ID = /^[A-Z0-9]{16,128}$/

/** The access keys as the pipeline asks for them. */
export function accessKeyDirectory(storage: Storage, rootKey: RootKey): AccessKeys {
  const db = storage.read.$extendTables<IamTables>()
  const cache = coherentCache<Credential>({ maxEntries: MAX_CACHED_KEYS })
  const macs = accessKeyRowMacs(rootKey)
  storage.changes.subscribe(ACCESS_KEY_TOPIC, { onChange: cache.drop, onReset: cache.clear })
  return {
    findCredential(accessKeyId, sessionToken) {
      // Access keys of users that live until they are deleted come without a token.
      if (sessionToken !== undefined) return undefined
      if (!ACCESS_KEY_ID.test(accessKeyId)) return undefined
      return cache.get(accessKeyId, async () => {
        const row = await db
          .selectFrom('iam_access_keys')
          .selectAll()
          .where('access_key_id', '=', accessKeyId)
          .executeTakeFirst()
        if (row === undefined) return undefined
        macs.require(row)
        return row.status === 'Active' ? readCredential(row, rootKey) : undefined
      })
    },
  }
}

/** An access key as its holder gets it, once. */
export type NewAccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string }

/** A new access key: `AKIA` and 16 characters of 5 random bits each; a secret of 240 random bits. */
export function newAccessKey(): NewAccessKey {
  const characters = [...randomBytes(16)].map((byte) => BASE32.charAt(byte & 31))
  return {
    accessKeyId: `AKIA${characters.join('')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  }
}

/** Stores an access key of the account's root user. */
export async function insertRootAccessKey(
  tx: Transaction,
  rootKey: RootKey,
  account: string,
  { accessKeyId, secretAccessKey }: NewAccessKey,
): Promise<void> {
  const row = {
    access_key_id: accessKeyId,
    account,
    principal: ROOT,
    status: 'Active',
    wrapped_secret: rootKey.wrap(
      'accessKey',
      accessKeyBinding(accessKeyId, account, ROOT),
      Buffer.from(secretAccessKey),
    ),
    created_at_ms: Date.now(),
  }
  await tx.db
    .$extendTables<IamTables>()
    .insertInto('iam_access_keys')
    .values({ ...row, mac: accessKeyRowMacs(rootKey).of(row) })
    .execute()
  await tx.announce(ACCESS_KEY_TOPIC, accessKeyId)
}

/** Deactivates all access keys of the account's root user; answers their ids. */
export async function deactivateRootAccessKeys(
  tx: Transaction,
  rootKey: RootKey,
  account: string,
): Promise<readonly string[]> {
  const db = tx.db.$extendTables<IamTables>()
  const macs = accessKeyRowMacs(rootKey)
  const rows = await db
    .selectFrom('iam_access_keys')
    .selectAll()
    .where('account', '=', account)
    .where('principal', '=', ROOT)
    .where('status', '=', 'Active')
    .execute()
  for (const row of rows) {
    macs.require(row)
    const status = 'Inactive'
    await db
      .updateTable('iam_access_keys')
      .set({ status, mac: macs.of({ ...row, status }) })
      .where('access_key_id', '=', row.access_key_id)
      .execute()
    await tx.announce(ACCESS_KEY_TOPIC, row.access_key_id)
  }
  return rows.map((row) => row.access_key_id)
}

function readCredential(row: IamTables['iam_access_keys'], rootKey: RootKey): Credential {
  const secret = rootKey.unwrap(
    'accessKey',
    accessKeyBinding(row.access_key_id, row.account, row.principal),
    row.wrapped_secret,
  )
  try {
    return {
      caller: rootCaller(row.account, row.access_key_id),
      // The root of SigV4 key derivation is the secret behind the letters AWS4.
      signingSecret: secretKey(Buffer.concat([Buffer.from('AWS4'), secret])),
      expiresAtMs: undefined,
    }
  } finally {
    secret.fill(0)
  }
}

/** What a secret access key is bound to when the root key wraps it. */
export function accessKeyBinding(accessKeyId: string, account: string, principal: string): Buffer {
  return fields('access key', accessKeyId, account, principal)
}
