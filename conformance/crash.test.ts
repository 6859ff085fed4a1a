// kill -9 in the middle of writes, again and again: whatever was acknowledged is there afterwards.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { databaseNames, newDatabase } from './databases.ts'
import { newDirectoryOnDisk, type Running, run, startServer } from './server-program.ts'

const MIN_WRITES = 20
const ROUNDS = 20
const WRITES_PER_ROUND = 490
const LONGEST_LOAD_MS = 500

/** `encrypts` marks keys that stay enabled, since their ciphertexts are decrypted in the end. */
type Known = { readonly keyId: string; states: readonly string[]; encrypts: boolean }
type Sealed = { readonly blob: Uint8Array; readonly plaintext: string }

/** What clients were told, and may therefore rely on. */
type Acknowledged = {
  readonly requestIds: Set<string>
  readonly keys: Known[]
  readonly sealed: Sealed[]
  writes: number
}

/** Mixed writes until the server is gone. Every answer, good or bad, is remembered. */
async function load(kms: KMSClient, told: Acknowledged, oldKeys: readonly Known[]) {
  let running = true
  let left = WRITES_PER_ROUND

  async function ask<T>(call: () => Promise<T & { $metadata: { requestId?: string } }>) {
    if (left-- <= 0) {
      running = false
      return undefined
    }
    try {
      const answer = await call()
      told.requestIds.add(answer.$metadata.requestId as string)
      told.writes++
      return answer
    } catch (error) {
      const { requestId } = (error as { $metadata?: { requestId?: string } }).$metadata ?? {}
      // An answer that is an error was recorded like any other.
      if (requestId !== undefined) told.requestIds.add(requestId)
      else running = false
      return undefined
    }
  }

  async function create(): Promise<Known | undefined> {
    const made = await ask(() => kms.send(new CreateKeyCommand()))
    if (made?.KeyMetadata === undefined) return undefined
    const keyId = made.KeyMetadata.KeyId as string
    const key: Known = { keyId, states: ['Enabled'], encrypts: false }
    told.keys.push(key)
    return key
  }

  async function encrypt(): Promise<void> {
    const key = await create()
    if (key) key.encrypts = true
    for (let count = 0; running && key; count++) {
      const plaintext = `${key.keyId} ${count}`
      const sealed = await ask(() =>
        kms.send(new EncryptCommand({ KeyId: key.keyId, Plaintext: Buffer.from(plaintext) })),
      )
      if (sealed) told.sealed.push({ blob: sealed.CiphertextBlob as Uint8Array, plaintext })
    }
  }

  /** One client per key, so that what it was told last is what must hold. */
  async function toggle(key: Known | undefined): Promise<void> {
    for (let disable = key?.states[0] === 'Enabled'; running && key; disable = !disable) {
      const before = key.states
      const after = disable ? 'Disabled' : 'Enabled'
      const input = { KeyId: key.keyId }
      key.states = [...before, after]
      const changed = await ask(() =>
        disable ? kms.send(new DisableKeyCommand(input)) : kms.send(new EnableKeyCommand(input)),
      )
      // Without an answer the change may have been made or not.
      if (changed) key.states = [after]
    }
  }

  const creators = [1, 2].map(async () => {
    while (running) await create()
  })
  const togglers = [
    undefined,
    undefined,
    ...oldKeys.filter(({ encrypts }) => !encrypts).slice(-2),
  ].map(async (key) => toggle(key ?? (await create())))
  await Promise.all([...creators, ...togglers, ...[1, 2, 3, 4].map(encrypt)])
}

/** What does not hold of all that was acknowledged. */
async function broken(kms: KMSClient, keys: readonly Known[], sealed: readonly Sealed[]) {
  const problems: string[] = []
  const each = async <T>(entries: readonly T[], check: (entry: T) => Promise<void>) => {
    const queue = [...entries]
    const work = async () => {
      for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) await check(entry)
    }
    await Promise.all(Array.from({ length: 8 }, work))
  }
  await each(keys, async (key) => {
    const answer = await kms.send(new DescribeKeyCommand({ KeyId: key.keyId })).catch(String)
    const state = typeof answer === 'string' ? answer : (answer.KeyMetadata?.KeyState ?? '')
    if (key.states.includes(state)) key.states = [state]
    else problems.push(`${key.keyId} is ${state} instead of ${key.states.join(' or ')}`)
  })
  await each(sealed, async ({ blob, plaintext }) => {
    const answer = await kms.send(new DecryptCommand({ CiphertextBlob: blob })).catch(String)
    const text =
      typeof answer === 'string' ? answer : Buffer.from(answer.Plaintext ?? []).toString()
    if (text !== plaintext) problems.push(`a ciphertext of ${plaintext} decrypts to ${text}`)
  })
  return problems
}

function idsIn(records: readonly string[]): Set<string> {
  return new Set(records.map((record) => /"requestID":"([^"]*)"/.exec(record)?.[1] ?? ''))
}

describe.concurrent.each(databaseNames)('A server on %s', (name) => {
  it(`keeps all that it acknowledged when it is killed ${ROUNDS} times while writing`, async () => {
    const database = await newDatabase(name)
    const directory = newDirectoryOnDisk()
    // Processes that share a database, and one that has all to itself, in turn.
    const args = (round: number) => ['--workers', String(2 - (round % 2)), ...database.args]
    const place = ['--data', directory.path, ...database.args]
    expect((await run(['init', ...place])).code).toBe(0)
    const told: Acknowledged = { requestIds: new Set(), keys: [], sealed: [], writes: 0 }
    let server: Running | undefined
    try {
      server = await startServer(directory.path, args(0))
      for (let round = 0; round < ROUNDS; round++) {
        const [keysBefore, sealedBefore] = [told.keys.length, told.sealed.length]
        const writesBefore = told.writes
        const loading = load(server.kms(), told, [...told.keys])
        await sleep(20 + Math.random() * LONGEST_LOAD_MS)
        // On a busy machine a moment is too short for writes to be in the middle of.
        for (let waits = 0; told.writes < writesBefore + MIN_WRITES && waits < 2000; waits++) {
          await sleep(5 + Math.random() * 20)
        }
        await server.kill()
        await loading
        const recorded = idsIn(await database.records(directory.path))
        const unrecorded = [...told.requestIds].filter((id) => !recorded.has(id))
        expect(unrecorded, `round ${round}`).toEqual([])

        // The trail verifies as it was left, and while a new server opens its own chains.
        const verifying = run(['trail', 'verify', '--output', 'json', ...place])
        server = await startServer(directory.path, args(round + 1))
        // What this round was told; all of it is asked for again in the end.
        const [keys, sealed] = [told.keys.slice(keysBefore), told.sealed.slice(sealedBefore)]
        expect(await broken(server.kms(), keys, sealed), `round ${round}`).toEqual([])
        const { stdout } = await verifying
        expect(JSON.parse(stdout), `round ${round}`).toMatchObject({ valid: true, problems: [] })
      }
      expect(await broken(server.kms(), told.keys, told.sealed)).toEqual([])
      // Otherwise nothing much was tried.
      expect(told.writes).toBeGreaterThanOrEqual(ROUNDS * MIN_WRITES)
      expect(told.writes).toBeLessThan(10_000)
    } finally {
      await server?.kill()
      await database.remove()
      directory.remove()
    }
  }, 600_000)
})
