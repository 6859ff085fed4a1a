// The schema: its version, that of this release and of the servers that run, and what waits for the end of
// an upgrade. docs/decisions/0008-rolling-migrations.md.
import type { SqliteInspection } from '../storage/inspection.ts'
import { type Migration, pendingMigrations, schemaVersionOf } from '../storage/storage.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

export type Schema = Pick<SqliteInspection, 'migrations' | 'schema' | 'processes'>

export function lookAtSchema(found: Schema, known: readonly Migration[]): readonly Finding[] {
  return [versionOf(found, known), migrationsOf(found, known), serversOf(found.processes)]
}

function versionOf({ schema }: Schema, known: readonly Migration[]): Finding {
  const mine = schemaVersionOf(known)
  if (schema === undefined) return ok('schema', `none yet; this release brings version ${mine}`)
  const { version, minimum } = schema
  const told = `version ${version}, for servers of version ${minimum} and later; this release has ${mine}`
  if (minimum > mine) return wrong('schema', told, 'run the newer release')
  return version > mine ? note('schema', told, 'upgrade this server, too') : ok('schema', told)
}

function migrationsOf({ migrations, schema }: Schema, known: readonly Migration[]): Finding {
  const names = new Set(known.map(({ name }) => name))
  const strange = migrations.filter((name) => !names.has(name)).join(', ')
  if (strange !== '') {
    return (schema?.version ?? 0) > schemaVersionOf(known)
      ? note('migrations', `of a newer release: ${strange}`)
      : wrong('migrations', `not known here: ${strange}`, 'run the release that made them')
  }
  const { expand, contract } = pendingMigrations(known, migrations)
  if (expand.length > 0) return ok('migrations', `${expand.length} to apply at the next start`)
  return contract.length === 0
    ? ok('migrations', 'all applied')
    : note(
        'migrations',
        `to finish the upgrade: ${contract.join(', ')}`,
        'once all servers run this release: keyhold migrate --finish',
      )
}

function serversOf(processes: Schema['processes']): Finding {
  const counts = new Map<string, number>()
  for (const { release, schemaVersion, machine } of processes) {
    const what = `release ${release} (schema version ${schemaVersion}) on ${machine}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  const told = [...counts]
    .map(([what, count]) => `${what}: ${count} ${count === 1 ? 'process' : 'processes'}`)
    .join('; ')
  return ok('servers', told === '' ? 'none is on this database' : told)
}
