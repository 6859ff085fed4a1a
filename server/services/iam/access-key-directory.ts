// Access keys of all accounts: a signature names only its key, and the key says who signed.

import type { Awaitable } from '../../contract/operation.ts'
import { fields } from '../../crypto/fields.ts'
import { randomBytes } from '../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../crypto/secret-key.ts'
import type { RootKey } from '../../seal/root-key.ts'
import { coherentCache } from '../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../storage/storage.ts'
import { newAccessKeyId } from './entities/unique-id.ts'
import { accessKeyRowMacs } from './row-macs.ts'
import type { IamTables } from './tables.ts'

/** The topic on which changes of access keys are announced; the subject is the access key id. */
export const ACCESS_KEY_TOPIC = 'iam/access-key'

/** The principal whose access keys these are: the account's root user. */
export const ROOT = 'root'
const MAX_CACHED_KEYS = 10_000
const ACCESS_KEY_ID = /^[A-Z0-9]{16,128}$/

/** An active access key and what signs with it. */
export type SigningKey = {
  readonly accessKeyId: string
  readonly account: string
  /** The unique id of its user, or `root`. */
  readonly principal: string
  /** As in `Credential`. */
  readonly signingSecret: SecretKey
}

export type AccessKeyDirectory = {
  /** The active access key of this id: the same object until it changes, and then without a promise. */
  find(accessKeyId: string): Awaitable<SigningKey | undefined>
  /** The account of the access key, active or not. */
  findAccount(accessKeyId: string): Promise<string | undefined>
}

export function accessKeyDirectory(storage: Storage, rootKey: RootKey): AccessKeyDirectory {
  const db = storage.read.$extendTables<IamTables>()
  const cache = coherentCache<SigningKey>({ maxEntries: MAX_CACHED_KEYS })
  const macs = accessKeyRowMacs(rootKey)
  storage.changes.subscribe(ACCESS_KEY_TOPIC, { onChange: cache.drop, onReset: cache.clear })
  return {
    find(accessKeyId) {
      if (!ACCESS_KEY_ID.test(accessKeyId)) return undefined
      return cache.get(accessKeyId, async () => {
        const row = await db
          .selectFrom('iam_access_keys')
          .selectAll()
          .where('access_key_id', '=', accessKeyId)
          .executeTakeFirst()
        if (row === undefined) return undefined
        macs.require(row)
        return row.status === 'Active' ? readSigningKey(row, rootKey) : undefined
      })
    },
    async findAccount(accessKeyId) {
      const row = await db
        .selectFrom('iam_access_keys')
        .selectAll()
        .where('access_key_id', '=', accessKeyId)
        .executeTakeFirst()
      if (row === undefined) return undefined
      macs.require(row)
      return row.account
    },
  }
}

/** An access key as its holder gets it, once. */
export type NewAccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string }

/** A new access key of the account, with a secret of 240 random bits. */
export function newAccessKey(account: string): NewAccessKey {
  return {
    accessKeyId: newAccessKeyId(account),
    secretAccessKey: randomBytes(30).toString('base64'),
  }
}

/** Stores an access key of the account's root user. */
export function insertRootAccessKey(
  tx: Transaction,
  rootKey: RootKey,
  account: string,
  accessKey: NewAccessKey,
): Promise<void> {
  return insertAccessKey(
    tx,
    rootKey,
    { account, principal: ROOT, createdAtMs: Date.now() },
    accessKey,
  )
}

/** Stores an access key of this user, or of the root user. */
export async function insertAccessKey(
  tx: Transaction,
  rootKey: RootKey,
  of: { readonly account: string; readonly principal: string; readonly createdAtMs: number },
  { accessKeyId, secretAccessKey }: NewAccessKey,
): Promise<void> {
  const row = {
    access_key_id: accessKeyId,
    account: of.account,
    principal: of.principal,
    status: 'Active',
    wrapped_secret: rootKey.wrap(
      'accessKey',
      accessKeyBinding(accessKeyId, of.account, of.principal),
      Buffer.from(secretAccessKey),
    ),
    created_at_ms: of.createdAtMs,
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

function readSigningKey(row: IamTables['iam_access_keys'], rootKey: RootKey): SigningKey {
  const { access_key_id: accessKeyId, account, principal } = row
  const binding = accessKeyBinding(accessKeyId, account, principal)
  const secret = rootKey.unwrap('accessKey', binding, row.wrapped_secret)
  try {
    // The root of SigV4 key derivation is the secret behind the letters AWS4.
    const signingSecret = secretKey(Buffer.concat([Buffer.from('AWS4'), secret]))
    return { accessKeyId, account, principal, signingSecret }
  } finally {
    secret.fill(0)
  }
}

/** What a secret access key is bound to when the root key wraps it. */
export function accessKeyBinding(accessKeyId: string, account: string, principal: string): Buffer {
  return fields('access key', accessKeyId, account, principal)
}
