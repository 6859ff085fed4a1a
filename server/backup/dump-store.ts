// Everything that an installation is made of, at one moment, as frames: all tables that the schema has,
// in an order in which they can be inserted again, and the audit trail last.
import {
  BATCHES,
  type BatchRow,
  batchesOf,
  measureJournal,
} from '../services/cloudtrail/journal-copy.ts'
import {
  listMigrations,
  listTables,
  type SchemaTable,
  type Snapshot,
  type Storage,
  type Value,
} from '../storage/storage.ts'
import type { Frame } from './frames.ts'

/**
 * What is not part of a backup, because it is about the processes that were running: `changes` tells
 * them what to forget, `job_lease` which of them does timed work, `server_processes` that they were
 * there. `schema_version` comes with the migrations that a restore runs.
 */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  'changes',
  'job_lease',
  'server_processes',
  'schema_version',
])

/** What is restored before all else, so that a restore that was interrupted shows. */
export const FIRST_TABLE = 'installation'

/** One moment of an installation: its database, and how long its chains were then. */
export type Moment = {
  readonly snapshot: Snapshot
  readonly journal: ReadonlyMap<string, number>
}

/** Takes the moment; whoever has it closes the snapshot. */
export async function takeMoment(storage: Storage, directory: string): Promise<Moment> {
  let moment: Moment | undefined
  try {
    // While this writes, on SQLite nobody else does: no change is in the chains but not in the
    // snapshot, and none is in neither.
    await storage.write(async () => {
      await moment?.snapshot.close()
      moment = undefined
      const snapshot = await storage.openSnapshot()
      moment = { snapshot, journal: new Map() }
      if (storage.dialect === 'sqlite') moment = { snapshot, journal: measureJournal(directory) }
    })
  } catch (error) {
    await (moment as Moment | undefined)?.snapshot.close()
    throw error
  }
  if (moment === undefined) throw new Error('the snapshot was not taken')
  return moment
}

export async function* dump(
  { snapshot, journal }: Moment,
  storage: Storage,
  directory: string,
): AsyncGenerator<Frame> {
  let rows = 0
  yield { kind: 'contents', migrations: await listMigrations(snapshot.read) }
  for (const table of await tablesToDump(snapshot, storage)) {
    yield { kind: 'table', table: table.name, columns: table.columns }
    for await (const piece of snapshot.rows(table.name, table.columns)) {
      for (const row of piece) {
        rows++
        yield {
          kind: 'row',
          values: table.columns.map((name) => storedValue(row[name], table, name)),
        }
      }
    }
  }
  yield { kind: 'table', table: BATCHES.table, columns: BATCHES.columns }
  for await (const { chain_id, number, lines } of batches(snapshot, journal, storage, directory)) {
    rows++
    yield { kind: 'row', values: [chain_id, number, lines] }
  }
  yield { kind: 'end', rows }
}

async function tablesToDump(snapshot: Snapshot, storage: Storage): Promise<SchemaTable[]> {
  const tables = await listTables(snapshot.read, storage.dialect)
  const dumped = tables.filter(({ name }) => !LEFT_OUT.has(name) && name !== BATCHES.table)
  return [
    ...dumped.filter(({ name }) => name === FIRST_TABLE),
    ...dumped.filter(({ name }) => name !== FIRST_TABLE),
  ]
}

/** The batches of all chains, those of one chain together and in order. */
async function* batches(
  snapshot: Snapshot,
  journal: Moment['journal'],
  storage: Storage,
  directory: string,
): AsyncGenerator<BatchRow> {
  if (storage.dialect === 'sqlite') {
    for (const chain of await registeredChains(snapshot)) {
      yield* batchesOf(directory, chain, journal.get(chain) ?? 0)
    }
    return
  }
  const order = ['chain_id', 'number']
  for await (const piece of snapshot.rows(BATCHES.table, BATCHES.columns, order)) {
    yield* piece as readonly BatchRow[]
  }
}

/** A chain that was only being opened at the moment has nothing to say yet. */
async function registeredChains(snapshot: Snapshot): Promise<readonly string[]> {
  const chains: string[] = []
  for await (const piece of snapshot.rows('trail_chains', ['chain_id'])) {
    chains.push(...piece.map((row) => String(row.chain_id)))
  }
  return chains
}

function storedValue(value: unknown, table: SchemaTable, column: string): Value {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value
  if (typeof value === 'number') return value
  throw new Error(`${table.name}.${column} has a ${typeof value}, which not both databases keep`)
}
