// Timed work on running servers: several workers or servers over one database, each item done once.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databaseNames, newDatabase } from './databases.ts'
import { newDirectory, type Running, run, startServer } from './server-program.ts'

const KEYS = 15
const DEADLINE_MS = 60_000

async function rotated(kms: KMSClient, KeyId: string): Promise<void> {
  for (const deadline = performance.now() + DEADLINE_MS; performance.now() < deadline; ) {
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }))
    if (status.OnDemandRotationStartDate === undefined) return
    await sleep(100)
  }
  throw new Error(`${KeyId} was not rotated`)
}

describe.each(databaseNames)('Jobs on %s', (name) => {
  /** One server of two workers on SQLite, two servers on PostgreSQL. */
  async function start() {
    const database = await newDatabase(name)
    const directory = newDirectory()
    const init = await run(['init', '--data', directory.path, ...database.args])
    expect(init.code).toBe(0)
    const args = ['--workers', name === 'sqlite' ? '2' : '1', ...database.args]
    const first = await startServer(directory.path, args)
    const running = [first]
    const second = newDirectory()
    onTestFinished(async () => {
      for (const server of running) await server.kill()
      await database.remove()
      for (const { remove } of [directory, second]) remove()
    })
    if (name === 'postgres') {
      for (const file of ['root.key', 'credentials.json']) {
        cpSync(join(directory.path, file), join(second.path, file))
      }
      running.push(await startServer(second.path, args))
    }
    return {
      first,
      last: running.at(-1) as Running,
      async restartFirst(isKilled: boolean) {
        if (isKilled) await first.kill()
        else expect(await first.stop()).toBe(0)
        const again = await startServer(directory.path, args)
        running.push(again)
        return again
      },
      records: () => database.records(directory.path),
    }
  }

  it('rotate every key once, while callers go on', async () => {
    const { first, last, records } = await start()
    const [kms, others] = [first.kms(), last.kms()]
    const keys = await Promise.all(
      Array.from({ length: KEYS }, async () => {
        const { KeyMetadata } = await kms.send(new CreateKeyCommand())
        return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
      }),
    )
    const blobs: Uint8Array[] = []
    let rotating = true
    const callers = keys.slice(0, 4).map(async ({ id }) => {
      while (rotating) {
        const input = { KeyId: id, Plaintext: Buffer.from(id) }
        const { CiphertextBlob } = await kms.send(new EncryptCommand(input))
        // Whichever worker answers, and whatever it has heard of the rotation so far.
        await others.send(new DecryptCommand({ CiphertextBlob }))
        blobs.push(CiphertextBlob as Uint8Array)
      }
    })
    await Promise.all(keys.map(({ id }) => kms.send(new RotateKeyOnDemandCommand({ KeyId: id }))))
    await Promise.all(keys.map(({ id }) => rotated(kms, id)))
    rotating = false
    await Promise.all(callers)
    for (const CiphertextBlob of blobs) await kms.send(new DecryptCommand({ CiphertextBlob }))
    for (const { id } of keys) {
      const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: id }))
      expect(Rotations).toHaveLength(1)
    }
    const rotations = async () =>
      (await records()).filter((text) => text.includes('"eventName":"RotateKey"'))
    await expect.poll(async () => (await rotations()).length).toBeGreaterThanOrEqual(KEYS)
    // And none that comes a moment later.
    await sleep(500)
    const events = await rotations()
    const ids = new Set(events.map((text) => JSON.parse(text).eventID))
    expect(ids.size).toBe(KEYS)
    for (const { arn } of keys) {
      expect(events.filter((text) => text.includes(`"${arn}"`)).length).toBeGreaterThan(0)
    }
  }, 120_000)

  // On PostgreSQL other servers may have the lease: only its silence tells that its holder was killed.
  it.each(name === 'sqlite' ? ['a drain', 'kill -9'] : ['a drain'])(
    'go on at once after %s, whoever had the lease',
    async (end) => {
      const { first, restartFirst } = await start()
      const { KeyMetadata } = await first.kms().send(new CreateKeyCommand())
      const KeyId = KeyMetadata?.KeyId as string
      await first.kms().send(new RotateKeyOnDemandCommand({ KeyId }))
      await rotated(first.kms(), KeyId)
      const again = await restartFirst(end === 'kill -9')
      const askedMs = performance.now()
      await again.kms().send(new RotateKeyOnDemandCommand({ KeyId }))
      await rotated(again.kms(), KeyId)
      // A lease that was not let go of is waited for longer than that.
      expect(performance.now() - askedMs).toBeLessThan(20_000)
    },
    120_000,
  )
})
