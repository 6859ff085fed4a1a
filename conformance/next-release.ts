// The release after this one, as far as a database can tell: a copy of the programs with another version and
// two more migrations, one that adds and one that takes away.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FIRST = '    installationMigration,\n'

export type Release = { readonly release: string; readonly server: string }

/** Makes it in an empty directory; it brings the schema version after this one. */
export function makeNextRelease(directory: string, schemaVersion: number): Release {
  for (const part of ['server', 'launch', 'package.json']) {
    const filter = (from: string) => !/\.test\.ts$|\/testing$/.test(from)
    cpSync(join(ROOT, part), join(directory, part), { recursive: true, filter })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  const release = '99.0.0'
  change(join(directory, 'package.json'), /"version": "[^"]*"/, `"version": "${release}"`)
  const installation = join(directory, 'server/installation.ts')
  change(installation, FIRST, `${FIRST}    ...nextMigrations(),\n`)
  writeFileSync(
    installation,
    `${readFileSync(installation, 'utf8')}${nextMigrations(schemaVersion + 1)}`,
  )
  return { release, server: join(directory, 'server/main.mjs') }
}

const nextMigrations = (since: number) => `
function nextMigrations(): readonly Migration[] {
  const since = ${since}
  return [
    {
      name: 'next/0001-colours',
      kind: 'expand',
      since,
      async up(db) {
        for (const table of ['kms_keys', 'kms_aliases', 'iam_access_keys', 'trail_outbox']) {
          await db.schema.alterTable(table).addColumn('colour', 'text').execute()
        }
      },
    },
    {
      name: 'next/0002-no-index',
      kind: 'contract',
      since,
      up: (db) => db.schema.dropIndex('kms_aliases_of_key').execute(),
    },
  ]
}
`

function change(file: string, what: string | RegExp, to: string): void {
  const before = readFileSync(file, 'utf8')
  const after = before.replace(what, to)
  if (after === before) throw new Error(`${file} has no ${what}`)
  writeFileSync(file, after)
}
