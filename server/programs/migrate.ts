// keyhold migrate: brings the database up to this release, and finishes that once no older server is left.
import type { MigrateConfig } from '../config.ts'
import { allMigrations, openDatabase } from '../installation.ts'
import {
  describeProcess,
  finishMigrations,
  lookAtSchema,
  pendingMigrations,
  schemaVersionOf,
} from '../storage/storage.ts'

export async function migrate({ place, finish }: MigrateConfig, asJson: boolean): Promise<void> {
  const migrations = allMigrations()
  // What only adds is applied by opening it, as at every start of a server.
  const storage = await openDatabase(place)
  try {
    const finished = finish ? await finishMigrations(storage, migrations) : []
    const { version, minimum, applied, processes } = await lookAtSchema(storage)
    const { contract: waiting } = pendingMigrations(migrations, applied)
    const mine = schemaVersionOf(migrations)
    if (asJson) {
      const schema = { schemaVersion: version, minimumVersion: minimum, thisVersion: mine }
      process.stdout.write(`${JSON.stringify({ ...schema, finished, waiting, processes })}\n`)
      return
    }
    const lines = [
      `The database has schema version ${version}, and this release ${mine}. Servers of version ${minimum} and later may serve.`,
      ...finished.map((name) => `  finished  ${name}`),
      ...waiting.map((name) => `  waiting   ${name}, for: keyhold migrate --finish`),
      ...processes.map((one) => `  running   ${describeProcess(one)}`),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    await storage.close()
  }
}
