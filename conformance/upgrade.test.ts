// Releases side by side as an operator meets them: servers that are known to each other, `keyhold migrate`,
// and the refusals of a release that is too old.
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it, onTestFinished } from 'vitest'
import { KEYHOLD, newDirectory, run, startServer } from './server-program.ts'

const keyhold = (...args: string[]) => run(args, KEYHOLD)

async function installation() {
  const { path, remove } = newDirectory()
  onTestFinished(remove)
  expect((await run(['init', '--data', path])).code).toBe(0)
  const database = new DatabaseSync(join(path, 'keyhold.db'), { timeout: 5000 })
  onTestFinished(() => database.close())
  return { path, database }
}

async function state(path: string) {
  const { code, stdout, stderr } = await keyhold('migrate', '--data', path, '--output', 'json')
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

it('every process of a server is known while it runs, and gone when it drained', async () => {
  const { path } = await installation()
  expect((await state(path)).processes).toEqual([])
  const server = await startServer(path, ['--workers', '2'])
  onTestFinished(() => server.kill())
  const { processes, thisVersion } = await state(path)
  // The primary speaks to operators, the workers to callers.
  expect(processes).toHaveLength(3)
  for (const one of processes) {
    expect(one).toMatchObject({ schemaVersion: thisVersion, machine: hostname() })
  }
  expect(processes.map(({ pid }: { pid: number }) => pid)).toContain(server.pid)
  expect((await keyhold('doctor', '--data', path)).stdout).toMatch(
    /servers +release \S+ \(schema version \d+\) on .*: 3 processes/,
  )
  expect(await server.stop()).toBe(0)
  expect((await state(path)).processes).toEqual([])
}, 60_000)

it('an upgrade is not finished while an older server is alive, and is when none is', async () => {
  const { path, database } = await installation()
  const server = await startServer(path, ['--workers', '1'])
  onTestFinished(() => server.kill())
  database.exec(`insert into server_processes
    values ('old', '0.0.9', 0, 'kms-2', 4711, unixepoch('subsec') * 1000)`)
  const refused = await keyhold('migrate', '--data', path, '--finish')
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(
    /^keyhold: Older servers still run.*release 0\.0\.9 \(schema version 0\) on kms-2, process 4711, seen \d s ago\. Upgrade them .* or stop them, and run this again\. One that crashed counts for 45 s after it was last seen\.\n$/,
  )
  database.exec(`update server_processes set seen_at_ms = 0 where process_id = 'old'`)
  const { code, stdout } = await keyhold('migrate', '--data', path, '--finish')
  expect([code, stdout]).toEqual([0, expect.stringContaining('may serve.')])
  // Servers of this release go on meanwhile.
  await server.kms().send(new ListKeysCommand())
}, 60_000)

it('a server that the database has left behind refuses every call, and does not start again', async () => {
  const { path, database } = await installation()
  const server = await startServer(path, ['--workers', '1'])
  onTestFinished(() => server.kill())
  await server.kms().send(new ListKeysCommand())
  // As the next release's `keyhold migrate --finish` leaves it, where it did not see this one.
  database.exec('begin immediate')
  database.exec('update schema_version set version = 99, minimum = 99')
  database.exec(`insert into changes select coalesce(max(number), 0) + 1, 'schema-minimum', '99',
    unixepoch('subsec') * 1000 from changes`)
  database.exec('commit')
  await expect(server.kms().send(new ListKeysCommand())).rejects.toMatchObject({
    $metadata: { httpStatusCode: expect.toSatisfy((code: number) => code >= 500) },
  })
  const health = await fetch(`${server.endpoint}/health`)
  expect(health.status).toBe(503)
  expect(await health.json()).toMatchObject({ ready: false, parts: { changes: 'failing' } })
  await expect.poll(() => server.log.filter(({ level }) => level === 60).length).toBeGreaterThan(0)
  // It may not write any more, so that its chain of the trail stays open, as after a crash.
  expect(await server.stop()).toBe(1)

  for (const args of [['serve', '--listen', '127.0.0.1:0'], ['migrate'], ['migrate', '--finish']]) {
    const { code, stderr } = await run([...args, '--data', path])
    expect([args, code]).toEqual([args, 2])
    expect(stderr).toMatch(
      /^keyhold: This release is too old for this database: .*newer release\.\n$/,
    )
  }
  expect((await keyhold('doctor', '--data', path)).stdout).toMatch(/wrong {2}schema +version 99/)
}, 60_000)
