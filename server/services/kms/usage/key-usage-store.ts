// What each key was last used for, stored within a minute: AWS's own delay is up to an hour. Policies ask how
// long a key was not used, so a row is believed only with its MAC.
// https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-keys-determining-usage.html
import type { Logger } from 'pino'
import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import { lastUses, type Noted } from '../../../storage/last-uses.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import type { KmsTables } from '../tables.ts'
import type { KeyLastUsageTrackingOperation } from '../wire.ts'
import type { KeyUsageTables } from './tables.ts'

export type KeyUse = {
  readonly operation: KeyLastUsageTrackingOperation
  readonly atMs: number
  /** Of the record that the key's own account got. */
  readonly eventId: string
  readonly requestId: string
}

/** What belongs to which key. */
type Place = Pick<Key, 'account' | 'region' | 'id' | 'arn'>

export type KeyUsageStore = {
  /** Remembers a use that succeeded and was recorded. */
  note(key: Place, use: KeyUse): void
  /** The last use that was stored, or that this process remembers; throws ForgedRowError. */
  find(key: Place): Promise<KeyUse | undefined>
  /** Stores what is remembered; what cannot be stored now is remembered on. */
  flush(): Promise<void>
}

const COLUMNS = [
  'account',
  'region',
  'key_id',
  'used_at_ms',
  'operation',
  'event_id',
  'request_id',
] as const

export function keyUsageRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'kms_key_usage', COLUMNS, ['account', 'region', 'key_id'])
}

export function keyUsageStore(
  storage: Storage,
  rootKey: RootKey,
  log: Pick<Logger, 'warn'>,
): KeyUsageStore {
  const macs = keyUsageRowMacs(rootKey)
  const db = storage.read.$extendTables<KeyUsageTables>()
  const uses = lastUses('keys', store, log)

  async function store(batch: readonly Noted<Place, KeyUse>[]): Promise<void> {
    await storage.write(async (tx) => {
      const tables = tx.db.$extendTables<KeyUsageTables & KmsTables>()
      const ids = batch.map(({ place }) => place.id)
      const present = await tables
        .selectFrom('kms_keys')
        .select(['account', 'region', 'key_id'])
        .where('key_id', 'in', ids)
        .execute()
      // Some may have been deleted since.
      const names = new Set(present.map((row) => `${row.account}/${row.region}/${row.key_id}`))
      const rows = batch
        .filter(({ place }) => names.has(`${place.account}/${place.region}/${place.id}`))
        .map(rowOf)
      if (rows.length === 0) return
      await tables
        .insertInto('kms_key_usage')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['account', 'region', 'key_id'])
            .doUpdateSet(({ ref }) => ({
              used_at_ms: ref('excluded.used_at_ms'),
              operation: ref('excluded.operation'),
              event_id: ref('excluded.event_id'),
              request_id: ref('excluded.request_id'),
              mac: ref('excluded.mac'),
            }))
            .whereRef('excluded.used_at_ms', '>=', 'kms_key_usage.used_at_ms'),
        )
        .execute()
    })
  }

  function rowOf({ place, use }: Noted<Place, KeyUse>) {
    const row = {
      account: place.account,
      region: place.region,
      key_id: place.id,
      used_at_ms: use.atMs,
      operation: use.operation,
      event_id: use.eventId,
      request_id: use.requestId,
    }
    return { ...row, mac: macs.of(row) }
  }

  return {
    note: (place, use) => uses.note(place.arn, place, use),
    flush: uses.flush,
    async find({ account, region, id, arn }) {
      const own = await uses.find(arn)
      const row = await db
        .selectFrom('kms_key_usage')
        .selectAll()
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', id)
        .executeTakeFirst()
      if (row !== undefined) macs.require(row)
      if (row === undefined || (own !== undefined && own.atMs >= row.used_at_ms)) return own
      return {
        operation: row.operation as KeyLastUsageTrackingOperation,
        atMs: row.used_at_ms,
        eventId: row.event_id,
        requestId: row.request_id,
      }
    },
  }
}
