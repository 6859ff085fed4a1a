// Releases side by side as an operator meets them: servers that are known to each other, `keyhold migrate`,
// and the refusals of a release that is too old.
import { copyFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListKeysCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { expect, it, onTestFinished } from 'vitest'
import { databaseNames, newDatabase } from './databases.ts'
import { makeNextRelease } from './next-release.ts'
import { KEYHOLD, newDirectory, type Running, run, startServer } from './server-program.ts'

/** Servers are to get on with their start as well. */
const PAUSE_MS = 25

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
  const { code, stdout, stderr } = await run(['migrate', '--data', path, '--output', 'json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

it.runIf(databaseNames.includes('postgres'))(
  'two servers on one PostgreSQL are upgraded one after the other, while callers go on',
  async () => {
    const database = await newDatabase('postgres')
    onTestFinished(() => database.remove())
    const directories = [newDirectory(), newDirectory(), newDirectory()]
    onTestFinished(() => {
      for (const { remove } of directories) remove()
    })
    const [first, second, release] = directories.map(({ path }) => path) as [string, string, string]
    expect((await run(['init', '--data', first, ...database.args])).code).toBe(0)
    for (const name of ['root.key', 'credentials.json']) {
      copyFileSync(join(first, name), join(second, name))
    }
    const at = (path: string) => ['--data', path, ...database.args, '--output', 'json']
    const { thisVersion } = JSON.parse((await run(['migrate', ...at(first)])).stdout)
    const next = makeNextRelease(release, thisVersion)
    const servers: Running[] = []
    onTestFinished(async () => {
      for (const server of servers) await server.kill()
    })
    const start = async (path: string, program?: string) => {
      const launch = program === undefined ? [] : [[process.execPath, program]]
      const server = await startServer(path, ['--workers', '1', ...database.args], ...launch)
      servers.push(server)
      return server
    }
    const [one, two] = [await start(first), await start(second)]

    // Step 2 of the manual, on the second server, while the first has calls of every kind.
    let going = true
    let calls = 0
    const load = callers(one.kms(), 4, () => {
      calls++
      return going
    })
    expect(await two.stop()).toBe(0)
    const newer = await start(second, next.server)
    const told = JSON.parse((await run(['migrate', ...at(second)], next.server)).stdout)
    expect(told).toMatchObject({
      schemaVersion: thisVersion + 1,
      minimumVersion: thisVersion,
      waiting: ['next/0002-no-index'],
    })
    expect(told.processes.map((process: { release: string }) => process.release)).toContain(
      '99.0.0',
    )
    const callsBefore = calls
    await expect.poll(() => calls, { timeout: 20_000 }).toBeGreaterThan(callsBefore + 12)

    // What one makes the other uses, both ways.
    await crossOver(one.kms(), newer.kms())
    await crossOver(newer.kms(), one.kms())
    const tooEarly = await run(['migrate', '--finish', ...at(second)], next.server)
    expect([tooEarly.code, tooEarly.stderr]).toEqual([2, expect.stringContaining('Older servers')])
    going = false
    // Not one of them failed.
    await load

    expect(await one.stop()).toBe(0)
    // It starts again on what the next one added: that is the way back.
    const back = await start(first)
    await crossOver(newer.kms(), back.kms())
    expect(await back.stop()).toBe(0)
    await start(first, next.server)
    const finished = await run(['migrate', '--finish', ...at(second)], next.server)
    expect(JSON.parse(finished.stdout)).toMatchObject({
      minimumVersion: thisVersion + 1,
      finished: ['next/0002-no-index'],
      waiting: [],
    })
    await crossOver(newer.kms(), (servers.at(-1) as Running).kms())
    const refused = await run([
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--data',
      first,
      ...database.args,
    ])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Another server')])
    expect(await (servers.at(-1) as Running).stop()).toBe(0)
    const tooOld = await run([
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--data',
      first,
      ...database.args,
    ])
    expect([tooOld.code, tooOld.stderr]).toEqual([2, expect.stringContaining('too old for this')])
  },
  180_000,
)

/** Calls that read and change, with pauses, until told; rejects where one of them fails. */
async function callers(kms: KMSClient, count: number, isGoing: () => boolean): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      while (isGoing()) {
        const { KeyMetadata } = await kms.send(new CreateKeyCommand())
        const KeyId = KeyMetadata?.KeyId as string
        const alias = { AliasName: `alias/caller-${index}`, TargetKeyId: KeyId }
        await kms.send(new UpdateAliasCommand(alias)).catch((error: Error) => {
          if (error.name !== 'NotFoundException') throw error
          return kms.send(new CreateAliasCommand(alias))
        })
        const { CiphertextBlob } = await kms.send(
          new EncryptCommand({ KeyId: alias.AliasName, Plaintext: Buffer.from(KeyId) }),
        )
        await kms.send(new DecryptCommand({ CiphertextBlob }))
        await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'x' }))
        await sleep(PAUSE_MS)
      }
    }),
  )
}

async function crossOver(from: KMSClient, to: KMSClient): Promise<void> {
  const { KeyMetadata } = await from.send(new CreateKeyCommand({ Description: 'crosses over' }))
  const KeyId = KeyMetadata?.KeyId as string
  const { CiphertextBlob } = await from.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }),
  )
  await to.send(new DecryptCommand({ CiphertextBlob }))
  await to.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'crossed over' }))
  await expect
    .poll(async () => {
      const described = await from.send(new DescribeKeyCommand({ KeyId }))
      return described.KeyMetadata?.Description
    })
    .toBe('crossed over')
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
}, 120_000)

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
}, 120_000)

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
}, 120_000)
