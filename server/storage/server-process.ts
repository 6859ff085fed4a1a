// A process of a server among others on one database: it registers with its release, shows that it is
// alive, and refuses from the moment on at which the database has left its version behind.

import type { Storage, Transaction } from './contract.ts'
import { SchemaVersionError } from './errors.ts'
import {
  databaseNowMs,
  findSchemaState,
  lockSchema,
  MINIMUM_TOPIC,
  requireCompatible,
  type SchemaTables,
  type ServerProcess,
} from './schema-version.ts'

export type ServerIdentity = Omit<ServerProcess, 'seenAgoMs'> & {
  /** Unique among all processes there ever are. */
  readonly id: string
}

export type ServerSettings = {
  /** How often it shows that it is alive. Default 10 s, less than a quarter of what it counts for. */
  readonly beatEveryMs?: number
  /** Hears, once, that this process may not serve any more. */
  readonly onOutdated?: (error: Error) => void
}

/** What others left behind that crashed is swept away after a day; it counts for nothing long before. */
const FORGET_AFTER_MS = 86_400_000
const LOOK_AGAIN_MS = 200

/**
 * Registers a process and answers the storage as it is to use it: what it cannot be current about, and
 * every write, is refused as soon as a newer version was finished. Throws SchemaVersionError where that
 * is so already. Closing the storage signs the process off.
 */
export async function joinAsServer(
  storage: Storage,
  identity: ServerIdentity,
  { beatEveryMs = 10_000, onOutdated = () => {} }: ServerSettings = {},
): Promise<Storage> {
  const { dialect, changes } = storage
  let refusal: Error | undefined
  let closed = false

  function heed(minimum: number): void {
    try {
      requireCompatible({ version: minimum, minimum }, identity.schemaVersion)
      refusal = undefined
    } catch (error) {
      if (!(refusal instanceof SchemaVersionError)) onOutdated(error as Error)
      refusal = error as Error
    }
  }

  function requireServing(): void {
    if (refusal !== undefined) throw refusal
  }

  async function look(): Promise<void> {
    heed((await findSchemaState(storage.read))?.minimum ?? 0)
  }

  function lookUntilKnown(): void {
    look().catch(() => {
      if (!closed) setTimeout(lookUntilKnown, LOOK_AGAIN_MS).unref()
    })
  }

  async function beat(): Promise<void> {
    await storage.write((tx) => register(tx, storage, identity))
    await look()
  }

  await storage.write(async (tx) => {
    await lockSchema(tx.db, dialect, 'shared')
    requireCompatible(await findSchemaState(tx.db), identity.schemaVersion)
    await sweep(tx, storage)
    await register(tx, storage, identity)
  })
  changes.subscribe(MINIMUM_TOPIC, {
    onChange: (subject) => heed(Number(subject)),
    onReset() {
      // Whatever was announced meanwhile was missed: nothing is served before it is known.
      refusal ??= new Error('the schema version of the database is not known yet')
      lookUntilKnown()
    },
  })
  await look()
  const timer = setInterval(() => {
    // A store that does not answer now is asked again; whether to serve meanwhile the feed knows.
    beat().catch(() => {})
  }, beatEveryMs)
  timer.unref()

  return {
    ...storage,
    changes: {
      ...changes,
      requireCurrent() {
        changes.requireCurrent()
        requireServing()
      },
    },
    async write(work, pace) {
      requireServing()
      return storage.write(work, pace)
    },
    async close() {
      closed = true
      clearInterval(timer)
      await storage.write((tx) => signOff(tx, identity)).catch(() => {})
      await storage.close()
    },
  }
}

async function register(
  tx: Transaction,
  { dialect }: Storage,
  identity: ServerIdentity,
): Promise<void> {
  const { id, release, schemaVersion, machine, pid } = identity
  const seen = { seen_at_ms: databaseNowMs(dialect) }
  await tx.db
    .$extendTables<SchemaTables>()
    .insertInto('server_processes')
    .values({ process_id: id, release, schema_version: schemaVersion, machine, pid, ...seen })
    .onConflict((conflict) => conflict.column('process_id').doUpdateSet(seen))
    .execute()
}

async function sweep(tx: Transaction, { dialect }: Storage): Promise<void> {
  await tx.db
    .$extendTables<SchemaTables>()
    .deleteFrom('server_processes')
    .where(({ eb }) => eb('seen_at_ms', '<', eb(databaseNowMs(dialect), '-', FORGET_AFTER_MS)))
    .execute()
}

async function signOff(tx: Transaction, { id }: ServerIdentity): Promise<void> {
  await tx.db
    .$extendTables<SchemaTables>()
    .deleteFrom('server_processes')
    .where('process_id', '=', id)
    .execute()
}
