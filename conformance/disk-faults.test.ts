// The disk fails beneath a running server: it refuses, says why, loses nothing that it acknowledged, and
// goes on by itself. On real disks, of a few megabytes each.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { childrenOf, type Running, startServer } from './server-program.ts'
import { canMount, newSmallDisk, type SmallDisk } from './small-disk.ts'

if (!canMount) {
  process.stderr.write(
    '\nmounting takes root, unshare and nsenter (util-linux): tests of full and read-only disks are SKIPPED\n',
  )
}

const canTrace = spawnSync('strace', ['-f', '-e', 'trace=write', 'true']).status === 0
if (!canTrace)
  process.stderr.write('\nstrace cannot be used: files that turn read-only are SKIPPED\n')

const REFUSALS = ['KMSInternalException', 'ServiceUnavailableException']
/** Nobody is left waiting: a call without an answer fails a test, except where its process was killed. */
const PATIENCE_MS = 10_000
const FULL = 'the disk is full'

const patient = { requestHandler: { requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true } }

/** What callers were told: all of it must hold, whatever happens to the disk. */
function callers(kms: KMSClient) {
  const told = { requestIds: [] as string[], keys: [] as string[], blobs: [] as Uint8Array[] }

  /** Whether the call was acknowledged; a refusal must be one that says: try again. */
  async function ask<T extends { $metadata: { requestId?: string | undefined } }>(
    call: Promise<T>,
  ): Promise<T | undefined> {
    try {
      const answer = await call
      told.requestIds.push(answer.$metadata.requestId as string)
      return answer
    } catch (error) {
      const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
      expect(REFUSALS).toContain(name)
      expect($metadata?.httpStatusCode).toBe(name === REFUSALS[0] ? 500 : 503)
      return undefined
    }
  }

  return {
    told,
    async create(): Promise<boolean> {
      const made = await ask(kms.send(new CreateKeyCommand()))
      if (made) told.keys.push(made.KeyMetadata?.KeyId as string)
      return made !== undefined
    },
    async encrypt(): Promise<boolean> {
      const input = { KeyId: told.keys[0], Plaintext: Buffer.from('kept') }
      const sealed = await ask(kms.send(new EncryptCommand(input)))
      if (sealed) told.blobs.push(sealed.CiphertextBlob as Uint8Array)
      return sealed !== undefined
    },
    async decrypt(): Promise<boolean> {
      const [CiphertextBlob] = told.blobs
      return (await ask(kms.send(new DecryptCommand({ CiphertextBlob })))) !== undefined
    },
    /** Everything acknowledged is there, and the trail has each call once. */
    async expectAll(disk: SmallDisk): Promise<void> {
      for (const KeyId of told.keys) await kms.send(new DescribeKeyCommand({ KeyId }))
      for (const CiphertextBlob of told.blobs) {
        const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
        expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept')
      }
      await vi.waitFor(
        async () => {
          const { code, stdout } = await disk.run(['trail', 'verify', '--data', disk.data])
          expect([code, stdout]).toEqual([0, expect.not.stringContaining('not yet')])
          const ids = disk.records().map((text) => JSON.parse(text).requestID as string)
          const times = told.requestIds.map((id) => ids.filter((other) => other === id).length)
          expect(times.filter((count) => count !== 1)).toEqual([])
        },
        { timeout: 25_000, interval: 500 },
      )
    },
  }
}

async function healthOf({ endpoint }: Running, patienceMs = PATIENCE_MS) {
  const response = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(patienceMs) })
  return { status: response.status, ...((await response.json()) as Record<string, object>) }
}

const becomesReady = (server: Running) =>
  vi.waitFor(async () => expect(await healthOf(server, 1000)).toMatchObject({ status: 200 }), {
    timeout: 30_000,
    interval: 100,
  })

async function start(
  { onTestFinished }: TestContext,
  workers: number,
  prepare: (disk: SmallDisk) => void = () => {},
) {
  const disk = await newSmallDisk()
  prepare(disk)
  const running: Running[] = []
  onTestFinished(async () => {
    for (const server of running) await server.kill()
    disk.remove()
  })
  const open = async () => {
    const server = await startServer(disk.data, ['--workers', String(workers)], disk.launch)
    running.push(server)
    return server
  }
  const server = await open()
  const calls = callers(server.kms(patient))
  expect([await calls.create(), await calls.encrypt()]).toEqual([true, true])
  return { disk, server, calls, open }
}

/** Calls until nothing is acknowledged any more: a nearly full disk has room for something small. */
async function untilRefused(...calls: readonly (() => Promise<boolean>)[]) {
  for (let refused = 0, tries = 0; refused < 10; tries++) {
    const answers = await Promise.all(calls.map((call) => call()))
    refused = answers.some(Boolean) ? 0 : refused + 1
    expect(tries).toBeLessThan(500)
  }
}

describe.skipIf(!canMount)('A server', { concurrent: true }, () => {
  it('refuses everything on a full disk, says so, and goes on when there is room', async (test) => {
    const { disk, server, calls } = await start(test, 2)
    disk.fill()
    await untilRefused(calls.create, calls.encrypt, calls.decrypt)
    expect(await healthOf(server)).toMatchObject({
      status: 503,
      ready: false,
      parts: { workers: 'ok', store: 'failing', changes: 'ok', trail: 'failing' },
      why: { store: FULL, trail: FULL },
    })
    disk.free()
    await becomesReady(server)
    for (const call of [calls.create, calls.encrypt, calls.decrypt]) expect(await call()).toBe(true)
    await calls.expectAll(disk)
    expect(await server.stop()).toBe(0)
  }, 90_000)

  it('can be stopped and killed on a full disk, and starts when there is room', async (test) => {
    const { disk, server, calls, open } = await start(test, 1)
    disk.fill()
    await untilRefused(calls.create, calls.encrypt)
    expect(await server.stop()).toBe(0)
    // The end of SQLite's log gave some room back.
    disk.fill()
    await expect(open()).rejects.toThrow(/cannot be written or read: the disk is full/)
    disk.free()
    const again = await open()
    disk.fill()
    await untilRefused(callers(again.kms(patient)).create)
    await again.kill()
    disk.free()
    const last = await open()
    const { told, expectAll } = callers(last.kms(patient))
    Object.assign(told, calls.told)
    await expectAll(disk)
  }, 90_000)

  it('answers what changes nothing while only the disk of its database is full', async (test) => {
    const { disk, server, calls } = await start(test, 1, ({ mountAt }) => mountAt('data/trail'))
    disk.fill()
    await untilRefused(calls.create)
    expect(await calls.decrypt()).toBe(true)
    expect(await healthOf(server)).toMatchObject({
      status: 503,
      parts: { store: 'failing', trail: 'ok' },
      why: { store: FULL },
    })
    disk.free()
    await becomesReady(server)
    expect(await calls.create()).toBe(true)
    await calls.expectAll(disk)
  }, 90_000)

  it('chains each change once that it made while only the disk of its trail was full', async (test) => {
    const { disk, server, calls } = await start(test, 2, ({ mountAt }) => mountAt('data/trail'))
    disk.fill('data/trail')
    await untilRefused(calls.encrypt, calls.decrypt)
    // The record of a change is durable with it, in the database.
    expect(await calls.create()).toBe(true)
    expect(await healthOf(server)).toMatchObject({
      status: 503,
      parts: { store: 'ok', trail: 'failing' },
      why: { trail: FULL },
    })
    // Longer than it takes for a dead writer's records to be taken over.
    await sleep(16_000)
    disk.free('data/trail')
    await becomesReady(server)
    expect(await calls.encrypt()).toBe(true)
    await calls.expectAll(disk)
  }, 90_000)

  it.skipIf(!canTrace)(
    'refuses everything while its files are read-only, says so, and goes on when they are not',
    async (test) => {
      const { disk, server, calls } = await start(test, 1)
      // A mounted disk with open files cannot be made read-only by hand, only by the kernel and for
      // good: so system calls on these files answer as they do then, for as long as strace is there.
      const trail = readdirSync(`/proc/${server.pid}/root${disk.data}/trail`)
      const names = ['keyhold.db', 'keyhold.db-wal', ...trail.map((name) => `trail/${name}`)]
      const inject = 'inject=write,pwrite64,ftruncate,fsync,fdatasync:error=EROFS'
      const paths = names.flatMap((name) => ['-P', join(disk.data, name)])
      const tracing = ['-f', '-qq', '-o', '/dev/null', '-e', inject, ...paths]
      const [program = '', ...inside] = disk.launch.slice(0, -2)
      const strace = spawn(program, [...inside, 'strace', ...tracing, '-p', String(server.pid)])
      test.onTestFinished(() => void strace.kill('SIGTERM'))
      await untilRefused(calls.create, calls.encrypt)
      expect(await healthOf(server)).toMatchObject({
        status: 503,
        parts: { store: 'failing', trail: 'failing' },
        why: { trail: 'the file system is read-only' },
      })
      strace.kill('SIGTERM')
      await becomesReady(server)
      expect([await calls.create(), await calls.encrypt()]).toEqual([true, true])
      await calls.expectAll(disk)
    },
    90_000,
  )

  it('does not start on a read-only file system, says so, and starts once it can be written', async (test) => {
    const { disk, server, calls, open } = await start(test, 1)
    expect(await server.stop()).toBe(0)
    expect(disk.remount('ro')).toBe(0)
    await expect(open()).rejects.toThrow(/exit code 2\s.*the file system is read-only/)
    expect(disk.remount('rw')).toBe(0)
    const again = await open()
    const { told, expectAll } = callers(again.kms(patient))
    Object.assign(told, calls.told)
    await expectAll(disk)
  }, 90_000)

  it('replaces a process that was killed while it wrote the trail, and records all it did', async (test) => {
    const { disk, server, calls } = await start(test, 2)
    let loading = true
    const load = Array.from({ length: 4 }, async () => {
      // A call that the kill cut off was not acknowledged.
      const lenient = async (call: () => Promise<boolean>) => call().catch(() => false)
      while (loading && calls.told.requestIds.length < 400) {
        await lenient(calls.create)
        await lenient(calls.encrypt)
      }
    })
    await vi.waitFor(() => expect(calls.told.requestIds.length).toBeGreaterThan(40), 30_000)
    const [killed, other] = childrenOf(server.pid) as [number, number]
    process.kill(killed, 'SIGKILL')
    await vi.waitFor(
      async () =>
        expect(await healthOf(server, 250)).toMatchObject({
          status: 503,
          parts: { workers: 'failing', store: 'ok', trail: 'ok' },
          why: { workers: '1 of 2 worker processes answer' },
        }),
      { timeout: 20_000, interval: 20 },
    )
    await becomesReady(server)
    loading = false
    await Promise.all(load)
    expect(childrenOf(server.pid)).toContain(other)
    expect(childrenOf(server.pid)).not.toContain(killed)
    await calls.expectAll(disk)
  }, 90_000)
})
