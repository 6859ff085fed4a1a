// Gives every test file one PostgreSQL server, by KEYHOLD_TEST_POSTGRES: the URL of a superuser.

import { startPostgres } from './postgres-server.ts'

export default async function setup() {
  if (process.env.KEYHOLD_TEST_POSTGRES) return undefined
  const server = await startPostgres()
  if (!server) {
    process.stderr.write(
      '\nPostgreSQL is not installed and KEYHOLD_TEST_POSTGRES is not set: its tests are SKIPPED.\n\n',
    )
    return undefined
  }
  process.env.KEYHOLD_TEST_POSTGRES = server.url
  return () => server.stop()
}
