// A job for tests: chores, each to be done once. Its trail is a table, so that a record and what it is
// of can be compared.
import type { Job } from '../../../contract/job.ts'
import type { AuditTrail } from '../../../contract/ports.ts'
import { columnTypes, type Migration, type Storage } from '../../../storage/storage.ts'

export type ChoreTables = {
  chores: { id: string; due_ms: number; times: number; done_by: string | null }
  chore_records: { event_id: string; record: string }
}

export const choresMigration: Migration = {
  name: 'test/0001-chores',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('chores')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('due_ms', wholeNumber, (column) => column.notNull())
      .addColumn('times', wholeNumber, (column) => column.notNull())
      .addColumn('done_by', 'text')
      .execute()
    await db.schema
      .createTable('chore_records')
      .addColumn('event_id', 'text', (column) => column.primaryKey())
      .addColumn('record', 'text', (column) => column.notNull())
      .execute()
  },
}

export async function addChores(storage: Storage, ids: readonly string[], dueMs = 0) {
  await storage.write((tx) =>
    tx.db
      .$extendTables<ChoreTables>()
      .insertInto('chores')
      .values(ids.map((id) => ({ id, due_ms: dueMs, times: 0, done_by: null })))
      .execute(),
  )
}

export type Chore = { readonly id: string }
export type ChoreHooks = {
  readonly irreversible?: boolean
  prepare?(item: Chore): Promise<unknown>
  /** Within the transaction, before the work. */
  before?(item: Chore): Promise<void>
  /** Within the transaction, after the work and its record. */
  after?(item: Chore): Promise<void>
}

export function choreJob(storage: Storage, who: string, hooks: ChoreHooks = {}): Job<Chore> {
  return {
    name: 'test/chores',
    everyMs: 20,
    irreversible: hooks.irreversible ?? false,
    due: (nowMs, limit) =>
      storage.read
        .$extendTables<ChoreTables>()
        .selectFrom('chores')
        .select('id')
        .where('done_by', 'is', null)
        .where('due_ms', '<=', nowMs)
        .orderBy('id')
        .limit(limit)
        .execute(),
    prepare: (item) => hooks.prepare?.(item) ?? Promise.resolve(),
    async apply(item, _prepared, tx) {
      await hooks.before?.(item)
      const { numUpdatedRows } = await tx.db
        .$extendTables<ChoreTables>()
        .updateTable('chores')
        .set((row) => ({ done_by: who, times: row('times', '+', 1) }))
        .where('id', '=', item.id)
        .where('done_by', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) return undefined
      return {
        account: '111122223333',
        region: 'us-east-1',
        eventName: 'DoChore',
        resources: [{ account: '111122223333', type: 'AWS::Test::Chore', arn: item.id }],
        response: undefined,
        details: { who },
      }
    },
  }
}

/** A trail that is a table; `hooks.after` runs once the record is in it, before the commit. */
export function tableTrail(hooks: ChoreHooks = {}) {
  const committed: string[] = []
  const trail: Pick<AuditTrail, 'enlist' | 'isEnlisted' | 'committed'> = {
    async enlist(tx, eventId, record) {
      await tx.db
        .$extendTables<ChoreTables>()
        .insertInto('chore_records')
        .values({ event_id: eventId, record })
        .execute()
      await hooks.after?.({ id: JSON.parse(record).resources[0].ARN })
    },
    async isEnlisted(tx, eventId) {
      const row = await tx.db
        .$extendTables<ChoreTables>()
        .selectFrom('chore_records')
        .select('event_id')
        .where('event_id', '=', eventId)
        .executeTakeFirst()
      return row !== undefined
    },
    committed: (eventId) => committed.push(eventId),
  }
  return { ...trail, hasHeard: committed }
}

/** Every chore, with how often it was done and by whom, and who says so in records. */
export async function choresDone(storage: Storage) {
  const db = storage.read.$extendTables<ChoreTables>()
  const chores = await db.selectFrom('chores').selectAll().orderBy('id').execute()
  const rows = await db.selectFrom('chore_records').selectAll().execute()
  const records = rows.map(({ record }) => JSON.parse(record))
  return chores.map(({ id, times, done_by }) => ({
    id,
    times,
    doneBy: done_by,
    recorded: records
      .filter(({ resources }) => resources[0].ARN === id)
      .map(({ serviceEventDetails }) => serviceEventDetails.who as string),
  }))
}
