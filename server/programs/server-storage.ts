// The storage as a serving process uses it: known to the others on the database by its release and schema
// version, and refusing once a newer release has left it behind.
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { randomUuid } from '../crypto/random.ts'
import { allMigrations } from '../installation.ts'
import { RELEASE } from '../release.ts'
import { joinAsServer, type Storage, schemaVersionOf } from '../storage/storage.ts'

export function serverStorage(storage: Storage, log: Logger): Promise<Storage> {
  const identity = {
    id: randomUuid(),
    release: RELEASE,
    schemaVersion: schemaVersionOf(allMigrations()),
    machine: hostname(),
    pid: process.pid,
  }
  const onOutdated = (error: Error) => log.fatal({ err: error }, 'every call is refused')
  return joinAsServer(storage, identity, { onOutdated })
}
