// The access keys of one account's users.
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage, Transaction } from '../../storage/storage.ts'
import { ACCESS_KEY_TOPIC, insertAccessKey, type NewAccessKey } from './access-key-directory.ts'
import { accessKeyRowMacs } from './row-macs.ts'
import type { IamTables } from './tables.ts'

export type AccessKeyStatus = 'Active' | 'Inactive'

/** An access key without its secret. */
export type AccessKey = {
  readonly accessKeyId: string
  /** The unique id of its user, or `root`. */
  readonly principal: string
  readonly status: AccessKeyStatus
  readonly createdAtMs: number
}

export type AccessKeyStore = {
  /** The account's access key of this id. */
  find(accessKeyId: string): Promise<AccessKey | undefined>
  /** The access keys of this principal, oldest first. */
  list(principal: string): Promise<readonly AccessKey[]>
  /** How many access keys the principal has, as a change in this transaction sees it. */
  count(tx: Transaction, principal: string): Promise<number>
  insert(tx: Transaction, principal: string, accessKey: NewAccessKey, nowMs: number): Promise<void>
  /** Answers whether the principal has such an access key; it counts, or stops to, at once. */
  setStatus(
    tx: Transaction,
    principal: string,
    accessKeyId: string,
    status: AccessKeyStatus,
  ): Promise<boolean>
  /** Answers whether there was such an access key. */
  delete(tx: Transaction, principal: string, accessKeyId: string): Promise<boolean>
}

/** Opens the store of one account. */
export function accessKeyStore(
  storage: Storage,
  rootKey: RootKey,
  account: string,
): AccessKeyStore {
  const macs = accessKeyRowMacs(rootKey)
  const some = (db: Storage['read']) =>
    db
      .$extendTables<IamTables>()
      .selectFrom('iam_access_keys')
      .selectAll()
      .where('account', '=', account)
  const read = (row: IamTables['iam_access_keys']): AccessKey => {
    macs.require(row)
    return {
      accessKeyId: row.access_key_id,
      principal: row.principal,
      status: row.status as AccessKeyStatus,
      createdAtMs: row.created_at_ms,
    }
  }
  return {
    async find(accessKeyId) {
      const row = await some(storage.read)
        .where('access_key_id', '=', accessKeyId)
        .executeTakeFirst()
      return row && read(row)
    },
    async list(principal) {
      const found = await some(storage.read)
        .where('principal', '=', principal)
        .orderBy('created_at_ms')
        .orderBy('access_key_id')
        .execute()
      return found.map(read)
    },
    async count(tx, principal) {
      const found = await some(tx.db).where('principal', '=', principal).execute()
      return found.length
    },
    insert: (tx, principal, accessKey, createdAtMs) =>
      insertAccessKey(tx, rootKey, { account, principal, createdAtMs }, accessKey),
    async setStatus(tx, principal, accessKeyId, status) {
      const row = await some(tx.db)
        .where('principal', '=', principal)
        .where('access_key_id', '=', accessKeyId)
        .executeTakeFirst()
      if (row === undefined) return false
      macs.require(row)
      await tx.db
        .$extendTables<IamTables>()
        .updateTable('iam_access_keys')
        .set({ status, mac: macs.of({ ...row, status }) })
        .where('access_key_id', '=', accessKeyId)
        .execute()
      await tx.announce(ACCESS_KEY_TOPIC, accessKeyId)
      return true
    },
    async delete(tx, principal, accessKeyId) {
      const { numDeletedRows } = await tx.db
        .$extendTables<IamTables>()
        .deleteFrom('iam_access_keys')
        .where('account', '=', account)
        .where('principal', '=', principal)
        .where('access_key_id', '=', accessKeyId)
        .executeTakeFirst()
      if (numDeletedRows !== 1n) return false
      await tx.announce(ACCESS_KEY_TOPIC, accessKeyId)
      return true
    },
  }
}
