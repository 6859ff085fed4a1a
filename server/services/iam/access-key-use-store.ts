// For what each access key signed last, stored within a minute: AWS's own delay is up to hours. Who asks looks
// for keys that nobody uses, or that somebody else does, so a row is believed only with its MAC.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys_retrieve.html
import type { Logger } from 'pino'
import type { Caller } from '../../contract/caller.ts'
import type { RootKey } from '../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../seal/row-mac.ts'
import { lastUses, type Noted } from '../../storage/last-uses.ts'
import type { Storage } from '../../storage/storage.ts'
import type { IamTables } from './tables.ts'

export type AccessKeyUse = {
  readonly atMs: number
  /** As signatures name it, such as `kms`. */
  readonly service: string
  readonly region: string
}

export type AccessKeyUses = {
  /** Remembers that the caller signed such a call; nothing where they did so with temporary credentials. */
  note(caller: Caller, service: string, region: string, nowMs: number): void
  /** The last use that was stored, or that this process remembers; throws ForgedRowError. */
  find(accessKeyId: string): Promise<AccessKeyUse | undefined>
  flush(): Promise<void>
}

/** Calls that follow within such a time upon one that was noted, alike, are not noted. */
const APART_MS = 1000

type Columns = Exclude<keyof IamTables['iam_access_key_uses'], 'mac'>

export function accessKeyUseRowMacs(rootKey: RootKey): RowMacs<Columns> {
  return rowMacs(
    rootKey,
    'iam_access_key_uses',
    ['access_key_id', 'used_at_ms', 'service', 'region'],
    ['access_key_id'],
  )
}

export function accessKeyUseStore(
  storage: Storage,
  rootKey: RootKey,
  log: Pick<Logger, 'warn'>,
): AccessKeyUses {
  const macs = accessKeyUseRowMacs(rootKey)
  const db = storage.read.$extendTables<IamTables>()
  const uses = lastUses('access keys', store, log)
  let last: Noted<string, AccessKeyUse> | undefined

  async function store(batch: readonly Noted<string, AccessKeyUse>[]): Promise<void> {
    await storage.write(async (tx) => {
      const tables = tx.db.$extendTables<IamTables>()
      const present = await tables
        .selectFrom('iam_access_keys')
        .select('access_key_id')
        .where(
          'access_key_id',
          'in',
          batch.map(({ place }) => place),
        )
        .execute()
      // Some may have been deleted since.
      const ids = new Set(present.map((row) => row.access_key_id))
      const rows = batch.filter(({ place }) => ids.has(place)).map(rowOf)
      if (rows.length === 0) return
      await tables
        .insertInto('iam_access_key_uses')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .column('access_key_id')
            .doUpdateSet(({ ref }) => ({
              used_at_ms: ref('excluded.used_at_ms'),
              service: ref('excluded.service'),
              region: ref('excluded.region'),
              mac: ref('excluded.mac'),
            }))
            .whereRef('excluded.used_at_ms', '>=', 'iam_access_key_uses.used_at_ms'),
        )
        .execute()
    })
  }

  function rowOf({ place, use }: Noted<string, AccessKeyUse>) {
    const row = {
      access_key_id: place,
      used_at_ms: use.atMs,
      service: use.service,
      region: use.region,
    }
    return { ...row, mac: macs.of(row) }
  }

  return {
    note({ accessKeyId, session }, service, region, nowMs) {
      // Under load nearly all calls come from here: they cost a few comparisons.
      if (
        last !== undefined &&
        last.place === accessKeyId &&
        nowMs - last.use.atMs < APART_MS &&
        last.use.service === service &&
        last.use.region === region
      )
        return
      if (session !== undefined || accessKeyId === '') return
      last = { place: accessKeyId, use: { atMs: nowMs, service, region } }
      uses.note(accessKeyId, accessKeyId, last.use)
    },
    flush: uses.flush,
    async find(accessKeyId) {
      const own = await uses.find(accessKeyId)
      const row = await db
        .selectFrom('iam_access_key_uses')
        .selectAll()
        .where('access_key_id', '=', accessKeyId)
        .executeTakeFirst()
      if (row !== undefined) macs.require(row)
      if (row === undefined || (own !== undefined && own.atMs >= row.used_at_ms)) return own
      return { atMs: row.used_at_ms, service: row.service, region: row.region }
    },
  }
}
