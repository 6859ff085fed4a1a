// The database: whether it answers, is whole, belongs to this root key, and was not touched by a newer release.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../config.ts'
import { allMigrations } from '../installation.ts'
import { findStagedSeal } from '../operator/seal-succession.ts'
import { inspectPostgres, inspectSqlite, type SqliteInspection } from '../storage/inspection.ts'
import { isOpenToUs } from './directory.ts'
import { type Finding, note, ok, wrong } from './finding.ts'
import { lookAtSchema, type Schema } from './schema.ts'
import { rootKeyIdOf } from './seal.ts'

const MAX_CLOCK_DIFFERENCE_MS = 5000

export async function lookAtDatabase(place: Place): Promise<readonly Finding[]> {
  // What there is to say was said of the directory.
  if (place.database === undefined && !isOpenToUs(place.directory)) return []
  try {
    return place.database === undefined
      ? lookAtSqlite(place)
      : await lookAtPostgres(place, place.database)
  } catch (error) {
    const remedy =
      place.database === undefined
        ? 'restore a backup: keyhold restore'
        : 'is it running? does the URL name the right host, user and sslmode?'
    return [wrong('database', (error as Error).message, remedy)]
  }
}

function lookAtSqlite(place: Place): readonly Finding[] {
  const file = join(place.directory, 'keyhold.db')
  if (!existsSync(file)) return [wrong('database', `${file} is not there`, 'keyhold restore')]
  const { integrity, journalMode, ...known } = inspectSqlite(file)
  return [
    integrity === 'ok'
      ? ok('database', `SQLite, whole, journal ${journalMode}`)
      : wrong('database', `damaged: ${integrity}`, 'restore a backup: keyhold restore'),
    ...(journalMode === 'wal'
      ? []
      : [note('journal', journalMode, 'it is WAL from the next start of the server on')]),
    ...lookAtContent(place, known),
  ]
}

async function lookAtPostgres(place: Place, url: string): Promise<readonly Finding[]> {
  const { version, clockAheadMs, ...known } = await inspectPostgres(url)
  return [
    ok('database', `PostgreSQL ${version} answers`),
    clockOf(clockAheadMs),
    ...lookAtContent(place, known),
  ]
}

export function clockOf(aheadMs: number): Finding {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1)
  const told = `the database's is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead'}`
  return Math.abs(aheadMs) > MAX_CLOCK_DIFFERENCE_MS
    ? wrong('clock', told, 'set both by NTP: signatures are good for 5 minutes')
    : ok('clock', told)
}

function lookAtContent(
  place: Place,
  { rootKeyId, ...schema }: Pick<SqliteInspection, 'rootKeyId' | keyof Schema>,
): readonly Finding[] {
  return [...lookAtSchema(schema, allMigrations()), rootKeyOf(place, rootKeyId)]
}

function rootKeyOf(place: Place, rootKeyId: string | undefined): Finding {
  if (rootKeyId === undefined) {
    return wrong('root key', 'the database was never initialised', 'keyhold init, or restore')
  }
  try {
    const mine = rootKeyIdOf(place)
    if (findStagedSeal(place)?.rootKeyId === rootKeyId) {
      return note('root key', 'a rotation was interrupted', 'the next start of the server ends it')
    }
    return mine === rootKeyId
      ? ok('root key', `${mine}, that of the database`)
      : wrong('root key', `${mine}, but the database's is ${rootKeyId}`, 'find the right one')
  } catch {
    return wrong('root key', 'none that can be read', 'see what is said of the seal')
  }
}
