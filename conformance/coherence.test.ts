// Revocation: a key disabled through one process is refused by every other, within the bound.
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { expect, it, onTestFinished } from 'vitest'
import { databaseNames, newDatabase } from './databases.ts'
import { newDirectory, run, startServer } from './server-program.ts'

const ROUNDS = 20
const BOUND_MS = 1000

async function outcome(kms: KMSClient, KeyId: string | undefined): Promise<string> {
  try {
    await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
    return 'encrypted'
  } catch (error) {
    return (error as Error).name
  }
}

it('A key that one worker disabled is refused by the other at once, on SQLite', async () => {
  const directory = newDirectory()
  const server = await startServer(directory.path, ['--workers', '2'])
  onTestFinished(async () => {
    await server.kill()
    directory.remove()
  })
  // Each client keeps one connection, and connections go to the workers in turn.
  const clients = Array.from({ length: 6 }, () => server.kms())
  const [first] = clients as [KMSClient]
  const { KeyMetadata } = await first.send(new CreateKeyCommand())
  const KeyId = KeyMetadata?.KeyId
  const all = () => Promise.all(clients.map((client) => outcome(client, KeyId)))
  for (let round = 0; round < ROUNDS; round++) {
    const changer = clients[round % clients.length] as KMSClient
    expect(await all()).toEqual(clients.map(() => 'encrypted'))
    await changer.send(new DisableKeyCommand({ KeyId }))
    expect([round, await all()]).toEqual([round, clients.map(() => 'DisabledException')])
    await changer.send(new EnableKeyCommand({ KeyId }))
  }
  await server.stop()
  // Both workers took part, or nothing was shown.
  const trail = join(directory.path, 'trail')
  const busy = readdirSync(trail)
    .map((file) => readFileSync(join(trail, file), 'utf8'))
    .filter((text) => text.includes('"eventName":"Encrypt"'))
  expect(busy).toHaveLength(2)
})

it.runIf(databaseNames.includes('postgres'))(
  'A key that one server disabled is refused by the other within a second, on PostgreSQL',
  async () => {
    const database = await newDatabase('postgres')
    const directories = [newDirectory(), newDirectory()] as const
    const [here, there] = directories.map(({ path }) => path) as [string, string]
    onTestFinished(async () => {
      await database.remove()
      for (const directory of directories) directory.remove()
    })
    expect((await run(['init', '--data', here, ...database.args])).code).toBe(0)
    for (const name of readdirSync(here).filter((file) => file !== 'lock')) {
      copyFileSync(join(here, name), join(there, name))
    }
    const args = ['--workers', '1', ...database.args]
    const servers = await Promise.all([startServer(here, args), startServer(there, args)])
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.kill()))
    })
    const [one, other] = servers.map((server) => server.kms()) as [KMSClient, KMSClient]
    const { KeyMetadata } = await one.send(new CreateKeyCommand())
    const KeyId = KeyMetadata?.KeyId
    for (let round = 0; round < 5; round++) {
      expect(await outcome(other, KeyId)).toBe('encrypted')
      await one.send(new DisableKeyCommand({ KeyId }))
      const disabledAt = performance.now()
      // A call that begins after the bound is refused.
      let lastEncryptedAt = disabledAt
      for (;;) {
        const askedAt = performance.now()
        if ((await outcome(other, KeyId)) === 'DisabledException') break
        lastEncryptedAt = askedAt
        if (askedAt - disabledAt > 2 * BOUND_MS) break
        await sleep(10)
      }
      expect(lastEncryptedAt - disabledAt).toBeLessThan(BOUND_MS)
      await one.send(new EnableKeyCommand({ KeyId }))
      for (let tries = 0; tries < 100 && (await outcome(other, KeyId)) !== 'encrypted'; tries++) {
        await sleep(20)
      }
    }
  },
)
