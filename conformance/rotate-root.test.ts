// keyhold seal rotate-root through the programs: under load, under every seal, killed at any moment, beside
// another server, and with backups from before.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  type KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { callOperator } from '../cli/operator-client.ts'
import { databaseNames, newDatabase, type TestDatabase } from './databases.ts'
import { keyhold, keyholdOnTerminal, startSealed } from './operator-programs.ts'
import { filesBelow, placesOf } from './secret-places.ts'
import { KEYHOLD, newDirectory, type Running, run, startServer } from './server-program.ts'
import { openPassphraseSeal } from './stranger.ts'

vi.setConfig({ testTimeout: 180_000 })

const PLAINTEXT = 'from before the rotation'
const PASSPHRASE = 'six random words would do, too'
const ON_3 = ['--passphrase-fd', '3']

type Place = { readonly path: string; readonly database: TestDatabase }

async function newPlace(name: TestDatabase['name'] = 'sqlite'): Promise<Place> {
  const directory = newDirectory()
  const database = await newDatabase(name)
  onTestFinished(async () => {
    await database.remove()
    directory.remove()
  })
  return { path: join(directory.path, 'keyhold'), database }
}

const keyOf = (file: string) => readFileSync(file).subarray(35, 67)
const idIn = (file: string) => readFileSync(file).toString('hex', 19, 35)
const status = async (path: string) =>
  (await callOperator(path, 'GetSealStatus', {})) as { RootKeyId: string; Generation: number }

async function encrypt(kms: KMSClient, keys = 1): Promise<Uint8Array> {
  let KeyId = ''
  for (let made = 0; made < keys; made += 10) {
    const some = Array.from({ length: 10 }, () => kms.send(new CreateKeyCommand()))
    KeyId = (await Promise.all(some))[0]?.KeyMetadata?.KeyId as string
  }
  const Plaintext = Buffer.from(PLAINTEXT)
  return (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob as Uint8Array
}

async function decrypt(kms: KMSClient, blob: Uint8Array): Promise<string> {
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
  return Buffer.from(Plaintext ?? []).toString()
}

async function requireWholeTrail({ path, database }: Place): Promise<void> {
  const options = ['--data', path, ...database.args, '--output', 'json']
  const { stdout, stderr } = await run(['trail', 'verify', ...options])
  expect(JSON.parse(stdout || '{}'), stderr).toMatchObject({ valid: true, problems: [] })
}

/** A root key file with these bytes of a key under this id. */
function rootKeyFile(id: string, key: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('keyhold root key 1\n'), Buffer.from(id, 'hex'), key])
  return Buffer.concat([content, createHash('sha256').update(content).digest().subarray(0, 8)])
}

describe.each(databaseNames)('A root key on %s', (name) => {
  it('is killed at any moment of its rotation: one root key counts afterwards, and nothing is lost', async () => {
    const place = await newPlace(name)
    const { path, database } = place
    // With several processes, and with one, in turn.
    let starts = 0
    const start = () =>
      startServer(path, ['--workers', String(2 - (starts++ % 2)), ...database.args])
    expect((await run(['init', '--data', path, ...database.args])).code).toBe(0)
    let server: Running = await start()
    const blob = await encrypt(server.kms(), 100)
    let generation = (await status(path)).Generation
    const seen = new Set<string>()
    // How long it takes here and now, so that kills fall into all of it.
    const startMs = performance.now()
    await callOperator(path, 'RotateRootKey', {})
    const durationMs = performance.now() - startMs
    generation++
    try {
      for (const share of [0, 0.5, 0.7, 0.8, 0.9, 1, 'answered'] as const) {
        const rotating = callOperator(path, 'RotateRootKey', {}).catch(String)
        const kms = server.kms()
        const calls = [1, 2].map(() => kms.send(new CreateKeyCommand()).catch(String))
        await (share === 'answered' ? rotating : sleep(share * durationMs))
        await server.kill()
        const answer = await rotating
        await Promise.all(calls)

        server = await start()
        const now = await status(path)
        expect([generation, generation + 1]).toContain(now.Generation)
        // What was answered holds.
        if (typeof answer !== 'string') expect(now).toMatchObject(pick(answer))
        seen.add(typeof answer !== 'string' ? 'answered' : `${now.Generation - generation}`)
        generation = now.Generation
        expect(idIn(join(path, 'root.key'))).toBe(now.RootKeyId)
        expect(readdirSync(path).filter((file) => file.includes('next'))).toEqual([])
        expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
        await server.kms().send(new CreateKeyCommand())
      }
      await requireWholeTrail(place)
      // Killed before the moment that decides, and after it.
      expect([...seen]).toEqual(expect.arrayContaining(['0', 'answered']))
    } finally {
      await server.kill()
    }
  })

  it('opens nothing once it was rotated away, and backups from before still open with it', async () => {
    const place = await newPlace(name)
    const { path, database } = place
    const args = (workers: string) => ['--workers', workers, ...database.args]
    expect((await run(['init', '--data', path, ...database.args])).code).toBe(0)
    let server = await startServer(path, args('2'))
    try {
      const blob = await encrypt(server.kms())
      const [oldFile, backup] = [
        readFileSync(join(path, 'root.key')),
        join(path, '..', 'old.keyhold'),
      ]
      expect((await run(['backup', '--data', path, '--to', backup], KEYHOLD)).code).toBe(0)
      const told = await keyhold(['seal', 'rotate-root', '--data', path, '--output', 'json'])
      expect(told.stderr).toBe('')
      const rotated = JSON.parse(told.stdout)
      expect(rotated).toMatchObject({
        Generation: 2,
        PreviousRootKeyId: oldFile.toString('hex', 19, 35),
      })
      expect(statSync(rotated.OldSeal).mode & 0o777).toBe(0o600)
      expect(readFileSync(rotated.OldSeal)).toEqual(oldFile)
      expect(keyOf(join(path, 'root.key'))).not.toEqual(oldFile.subarray(35, 67))
      expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
      const shown = await keyhold(['seal', 'status', '--data', path])
      expect(shown.stdout).toContain(`Root key ${rotated.RootKeyId}, generation 2.`)
      await requireWholeTrail(place)
      expect(await server.stop()).toBe(0)
      await requireWholeTrail(place)

      // Neither under its own name nor under that of the new one.
      const right = readFileSync(join(path, 'root.key'))
      for (const [file, why] of [
        [oldFile, 'This is not the root key of this database'],
        [
          rootKeyFile(rotated.RootKeyId, oldFile.subarray(35, 67)),
          'but does not open what that sealed',
        ],
      ] as const) {
        writeFileSync(join(path, 'root.key'), file)
        await expect(startServer(path, args('1'))).rejects.toThrow(why)
      }
      writeFileSync(join(path, 'root.key'), right)
      server = await startServer(path, args('1'))
      expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
      expect(await server.stop()).toBe(0)

      const restored = join(path, '..', 'restored')
      mkdirSync(restored, { mode: 0o700 })
      const restore = () => run(['restore', '--data', restored, '--from', backup])
      copyFileSync(join(path, 'root.key'), join(restored, 'root.key'))
      const refused = await restore()
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringContaining(`made with root key ${rotated.PreviousRootKeyId}`),
      ])
      copyFileSync(rotated.OldSeal, join(restored, 'root.key'))
      expect(await restore()).toMatchObject({ code: 0 })
      copyFileSync(join(path, 'credentials.json'), join(restored, 'credentials.json'))
      server = await startServer(restored, ['--workers', '1'])
      expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
      // And away from the old root key again.
      expect((await keyhold(['seal', 'rotate-root', '--data', restored])).code).toBe(0)
      expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
    } finally {
      await server.kill()
    }
  })
})

describe('A rotation that was interrupted', () => {
  it('is ended by the next start, as the database says', async () => {
    const place = await newPlace()
    const { path } = place
    const [present, staged] = [join(path, 'root.key'), join(path, 'root.key.next-root')]
    const one = ['--workers', '1']
    let server = await startServer(path, one)
    try {
      const blob = await encrypt(server.kms())
      const first = idIn(present)
      await callOperator(path, 'RotateRootKey', {})
      const second = idIn(present)
      expect(await server.stop()).toBe(0)

      // Committed, and the new seal not yet in its place.
      renameSync(present, staged)
      copyFileSync(join(path, 'old-seals', `${first}.key`), present)
      rmSync(join(path, 'old-seals'), { recursive: true })
      await requireWholeTrail(place)
      server = await startServer(path, one)
      expect([idIn(present), existsSync(staged)]).toEqual([second, false])
      expect(readdirSync(join(path, 'old-seals'))).toEqual([`${first}.key`])
      expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
      expect(await server.stop()).toBe(0)

      // Staged, and not committed; and not even whole.
      writeFileSync(staged, rootKeyFile('ab'.repeat(16), Buffer.alloc(32, 7)), { mode: 0o600 })
      writeFileSync(`${staged}.next`, 'keyhold root', { mode: 0o600 })
      await requireWholeTrail(place)
      server = await startServer(path, one)
      expect(readdirSync(path).filter((file) => file.includes('next'))).toEqual([])
      expect(idIn(present)).toBe(second)
      expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)
    } finally {
      await server.kill()
    }
  })
})

describe('A root key sealed by a passphrase', () => {
  it('is rotated by whoever knows it, who needs no other one afterwards', async () => {
    const { path } = await newPlace()
    const data = ['--data', path]
    const made = await keyhold(['init', ...data, '--seal', 'passphrase', ...ON_3], PASSPHRASE)
    expect(made.code).toBe(0)
    const sealFile = join(path, 'seal.json')
    const seal = () => JSON.parse(readFileSync(sealFile, 'utf8'))
    let server = startSealed(path, ['--workers', '2', ...ON_3], PASSPHRASE)
    onTestFinished(() => server.kill())
    await server.line('ready')
    const before = readFileSync(sealFile, 'utf8')
    const oldKey = openPassphraseSeal(seal(), PASSPHRASE)
    const wrong = await keyhold(['seal', 'rotate-root', ...data, ...ON_3], 'another passphrase')
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'keyhold: The passphrase is not the right one.\n',
    ])
    expect(readFileSync(sealFile, 'utf8')).toBe(before)
    const { code, stdout } = await keyholdOnTerminal(
      ['seal', 'rotate-root', ...data],
      [['Passphrase: ', `${PASSPHRASE}\r`]],
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining('The root key was rotated')])
    expect(stdout).not.toContain('random words')
    const newKey = openPassphraseSeal(seal(), PASSPHRASE)
    expect(newKey).not.toEqual(oldKey)
    expect(await server.stop()).toBe(0)
    server = startSealed(path, ['--workers', '1', ...ON_3], PASSPHRASE)
    await server.line('ready')
    const [oldName] = readdirSync(join(path, 'old-seals'))
    const old = JSON.parse(readFileSync(join(path, 'old-seals', String(oldName)), 'utf8'))
    expect(openPassphraseSeal(old, PASSPHRASE)).toEqual(oldKey)
    expect(await server.stop()).toBe(0)
    const files = filesBelow(path)
    files.set('what the server said', Buffer.from(server.text()))
    for (const secret of [oldKey, newKey, Buffer.from(PASSPHRASE)]) {
      expect(placesOf(secret, files)).toEqual([])
    }
  })
})

describe.skipIf(!databaseNames.includes('postgres'))(
  'Another server on the same PostgreSQL',
  () => {
    it('refuses every call, says why, and serves again with the new seal', async () => {
      const { path, database } = await newPlace('postgres')
      const args = (workers: string) => ['--workers', workers, ...database.args]
      expect((await run(['init', '--data', path, ...database.args])).code).toBe(0)
      const other = join(path, '..', 'other')
      mkdirSync(other, { mode: 0o700 })
      for (const file of ['root.key', 'credentials.json'])
        cpSync(join(path, file), join(other, file))
      const server = await startServer(path, args('1'))
      let second = await startServer(other, args('2'))
      try {
        const blob = await encrypt(server.kms())
        expect(await decrypt(second.kms(), blob)).toBe(PLAINTEXT)
        // It gets no wrong answer at any moment: right ones, then none.
        const kms = second.kms()
        const answers: string[] = []
        let running = true
        const asking = (async () => {
          while (running) {
            const made = kms.send(new CreateKeyCommand()).then(() => 'made')
            answers.push(await made.catch((error: Error) => error.name))
            answers.push(await decrypt(kms, blob).catch((error: Error) => error.name))
          }
        })()
        expect((await keyhold(['seal', 'rotate-root', '--data', path])).code).toBe(0)
        await expect.poll(() => answers).toContain('ServiceUnavailableException')
        running = false
        await asking
        expect(new Set(answers)).toEqual(
          new Set(['made', PLAINTEXT, 'ServiceUnavailableException']),
        )
        const health = await fetch(`${second.endpoint}/health`)
        expect([health.status, await health.json()]).toMatchObject([
          503,
          { parts: { rootKey: 'failing' } },
        ])
        // Calls were refused since the rotation was announced; that it is over is heard a moment later.
        await expect
          .poll(() => second.log.map(({ msg }) => String(msg)).join())
          .toContain(
            'the root key was rotated on another server, so this one refuses every call. Copy root.key',
          )
        expect(await decrypt(server.kms(), blob)).toBe(PLAINTEXT)

        await second.stop()
        await expect(startServer(other, args('1'))).rejects.toThrow(
          'copy root.key (or seal.json) from there',
        )
        cpSync(join(path, 'root.key'), join(other, 'root.key'))
        second = await startServer(other, args('1'))
        expect(await decrypt(second.kms(), blob)).toBe(PLAINTEXT)
        await second.kms().send(new ListKeysCommand())
      } finally {
        await server.kill()
        await second.kill()
      }
    })
  },
)

function pick({ RootKeyId, Generation }: Record<string, unknown>) {
  return { RootKeyId, Generation }
}
