// keyhold backup and keyhold restore as an operator runs them: under load, from and into both databases,
// and what somebody gets who steals a backup.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databaseNames, newDatabase, type TestDatabase } from './databases.ts'
import { KEYHOLD, newDirectory, type Outcome, run, startServer } from './server-program.ts'

const SERVER = fileURLToPath(new URL('../server/main.mjs', import.meta.url))
const keyhold = (...args: string[]) => run(args, KEYHOLD)
const ways = databaseNames
  .flatMap((from) => databaseNames.map((to) => ({ from, to })))
  .filter(({ from, to }) => from !== 'postgres' || to !== 'postgres')

function directory(): string {
  const { path, remove } = newDirectory()
  onTestFinished(remove)
  return path
}

async function database(name: TestDatabase['name']): Promise<TestDatabase> {
  const made = await newDatabase(name)
  onTestFinished(made.remove)
  return made
}

/** An empty directory with a copy of the root key of another one. */
function emptyPlaceOf(installation: string): string {
  const path = directory()
  copyFileSync(join(installation, 'root.key'), join(path, 'root.key'))
  return path
}

async function serve(path: string, args: readonly string[] = [], workers = 1) {
  const server = await startServer(path, ['--workers', String(workers), ...args])
  onTestFinished(() => server.kill())
  return server
}

function load(kms: KMSClient) {
  let going = true
  let made = 0
  async function work() {
    while (going) {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand())
      const KeyId = KeyMetadata?.KeyId
      await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
      await kms.send(new DisableKeyCommand({ KeyId }))
      made++
    }
  }
  const all = Promise.all([work(), work(), work()])
  return {
    made: () => made,
    stop() {
      going = false
      return all
    },
  }
}

/** The bytes as they are, and as people write them down. */
function waysToWrite(secret: Buffer): Buffer[] {
  const texts = [
    secret.toString('base64').replace(/=+$/, ''),
    secret.toString('base64url'),
    secret.toString('hex'),
    secret.toString('hex').toUpperCase(),
  ]
  return [secret, ...texts.map((text) => Buffer.from(text))]
}

function expectRefused({ code, stdout, stderr }: Outcome, sentence: RegExp) {
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/\n\s+at |node:internal/)
  expect([code, stdout]).toEqual([2, ''])
}

it.each(ways)(
  'A backup under load, restored from $from into $to: old ciphertext decrypts, the trail tells of it, and the file tells nothing',
  async ({ from, to }) => {
    const source = directory()
    const before = await database(from)
    expect((await run(['init', '--data', source, ...before.args])).code).toBe(0)
    const server = await serve(source, before.args, 2)
    const kms = server.kms()
    const description = `payroll of ${randomBytes(8).toString('hex')}`
    const created = await kms.send(new CreateKeyCommand({ Description: description }))
    const KeyId = created.KeyMetadata?.KeyId
    const disabled = (await kms.send(new CreateKeyCommand())).KeyMetadata?.KeyId
    await kms.send(new DisableKeyCommand({ KeyId: disabled }))
    const Plaintext = randomBytes(64)
    const EncryptionContext = { purpose: 'backup' }
    const encrypted = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))
    const dataKey = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))

    const { made: changes, stop } = load(kms)
    await expect.poll(changes).toBeGreaterThan(3)
    const file = join(directory(), 'backup')
    const made = await keyhold('backup', '--data', source, '--to', file, '--output', 'json')
    const meanwhile = changes()
    await expect.poll(changes).toBeGreaterThan(meanwhile)
    await stop()
    expect([made.code, made.stderr]).toEqual([0, ''])
    const backup = JSON.parse(made.stdout) as Record<string, unknown>
    expect(backup).toMatchObject({ file, bytes: statSync(file).size })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const late = (await kms.send(new CreateKeyCommand())).KeyMetadata?.KeyId
    const { secretAccessKey, accessKeyId, accountId } = server.credentials
    await server.stop()

    // It is recorded as the operator's deed.
    const records = (await before.records(source)).filter((text) => text.includes('CreateBackup'))
    expect(records).toHaveLength(1)
    expect(JSON.parse(records[0] as string)).toMatchObject({
      userIdentity: { type: 'Operator' },
      requestParameters: { file },
      responseElements: { backupId: backup.backupId },
    })

    // Whoever steals the file gets nothing out of it.
    const bytes = readFileSync(file)
    const rootKey = readFileSync(join(source, 'root.key')).subarray(-40, -8)
    const secrets = [
      Plaintext,
      Buffer.from(dataKey.Plaintext as Uint8Array),
      rootKey,
      Buffer.from(secretAccessKey),
      Buffer.from(description),
    ]
    for (const secret of secrets.flatMap(waysToWrite)) expect(bytes.includes(secret)).toBe(false)
    for (const clear of [
      accessKeyId,
      accountId,
      KeyId ?? '',
      'kms_keys',
      '2012-10-17',
      'Encrypt',
    ]) {
      expect([clear, bytes.includes(clear)]).toEqual([clear, false])
    }

    const place = emptyPlaceOf(source)
    const after = await database(to)
    const restored = await keyhold(
      ...['restore', '--data', place, '--from', file, '--output', 'json', ...after.args],
    )
    expect([restored.code, restored.stderr]).toEqual([0, ''])
    expect(JSON.parse(restored.stdout)).toMatchObject({ backupId: backup.backupId, source: from })
    expect(existsSync(join(place, 'credentials.json'))).toBe(false)
    const verified = await keyhold(
      ...['trail', 'verify', '--data', place, '--output', 'json', ...after.args],
    )
    expect(verified.code).toBe(0)
    expect(JSON.parse(verified.stdout)).toMatchObject({
      valid: true,
      epochs: [{ backup: backup.backupId }],
    })

    // The same access keys, by the credentials that were kept elsewhere.
    copyFileSync(join(source, 'credentials.json'), join(place, 'credentials.json'))
    const again = await serve(place, after.args)
    const client = again.kms()
    const CiphertextBlob = encrypted.CiphertextBlob
    const decrypted = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(Buffer.from(decrypted.Plaintext as Uint8Array).equals(Plaintext)).toBe(true)
    const key = await client.send(new DecryptCommand({ CiphertextBlob: dataKey.CiphertextBlob }))
    expect(key.Plaintext).toEqual(dataKey.Plaintext)
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }))
    expect(KeyMetadata).toEqual(created.KeyMetadata)
    const refused = client.send(new EncryptCommand({ KeyId: disabled, Plaintext }))
    await expect(refused).rejects.toThrow(expect.objectContaining({ name: 'DisabledException' }))
    await expect(client.send(new DescribeKeyCommand({ KeyId: late }))).rejects.toThrow(
      expect.objectContaining({ name: 'NotFoundException' }),
    )
    await again.stop()
    const later = (await after.records(place)).map((text) => JSON.parse(text))
    expect(later.filter(({ eventName }) => eventName === 'RestoreBackup')).toMatchObject([
      { userIdentity: { type: 'Operator' }, requestParameters: { backupId: backup.backupId } },
    ])
    const final = await keyhold('trail', 'verify', '--data', place, ...after.args)
    expect([final.code, final.stdout]).toEqual([0, expect.stringContaining('The trail verifies')])
    expect(final.stdout).toContain(`from the backup ${backup.backupId}`)
  },
  180_000,
)

describe('keyhold backup', () => {
  it('refuses what it cannot write, in one sentence, and leaves nothing', async () => {
    const path = directory()
    const to = (name: string) => ['backup', '--data', path, '--to', join(path, name)] as const
    expectRefused(await keyhold(...to('b')), /No server answers on .*keyhold serve/)
    await serve(path)
    writeFileSync(join(path, 'mine'), 'mine')
    expectRefused(await keyhold(...to('mine')), /mine is there already/)
    expect(readFileSync(join(path, 'mine'), 'utf8')).toBe('mine')
    expectRefused(await keyhold(...to('no/where')), /There is no directory for/)
    expectRefused(await keyhold(...to('mine/where')), /There is no directory for/)
    expect((await keyhold('backup', '--data', path)).stderr).toContain("'--to <file>'")
    expect((await keyhold(...to('b'))).stdout).toMatch(/Backed up into .*\n.*\n {2}backup/)
    expect(readdirSync(path).filter((name) => name.includes('partial'))).toEqual([])
  })

  it('and keyhold restore have examples in their help', async () => {
    for (const command of ['backup', 'restore']) {
      const { code, stdout } = await keyhold(command, '--help')
      expect([code, stdout]).toEqual([0, expect.stringMatching(/Examples?:\n/)])
    }
  })
})

describe('keyhold restore', () => {
  async function backup(): Promise<{ source: string; file: string }> {
    const source = directory()
    const server = await serve(source)
    for (let count = 0; count < 5; count++) await server.kms().send(new CreateKeyCommand())
    const file = join(directory(), 'backup')
    expect((await keyhold('backup', '--data', source, '--to', file)).code).toBe(0)
    await server.stop()
    return { source, file }
  }

  /** Without the launcher, which only passes things on. */
  const restore = (place: string, file: string) => run(['restore', '--data', place, '--from', file])

  it('refuses places that are not empty, other root keys and damaged files, and changes nothing', async () => {
    const { source, file } = await backup()
    expectRefused(await restore(directory(), file), /A backup does not hold the root key: put/)
    expectRefused(await restore(source, file), /is not empty: there is .*credentials.json/)
    const other = directory()
    expect((await run(['init', '--data', other])).code).toBe(0)
    for (const name of readdirSync(other)) {
      if (name !== 'root.key') rmSync(join(other, name), { recursive: true })
    }
    expectRefused(await restore(other, file), /This backup was made with root key/)

    const place = emptyPlaceOf(source)
    expectRefused(await restore(place, join(place, 'nowhere')), /nowhere cannot be read \(ENOENT\)/)
    const bytes = readFileSync(file)
    const damaged = join(directory(), 'damaged')
    for (const length of [10, 300, bytes.length - 1]) {
      writeFileSync(damaged, bytes.subarray(0, length))
      expectRefused(await restore(place, damaged), /This backup cannot be used: it is cut off/)
    }
    writeFileSync(damaged, Buffer.concat([bytes.subarray(0, -1), Buffer.of(0)]))
    if (bytes.at(-1) !== 0) expectRefused(await restore(place, damaged), /chunk \d+ was changed/)
    chmodSync(join(place, 'root.key'), 0o644)
    expectRefused(await restore(place, file), /readable by its owner alone/)
    chmodSync(join(place, 'root.key'), 0o600)
    expect(readdirSync(place).filter((name) => !name.startsWith('lock'))).toEqual(['root.key'])

    const { code, stdout } = await restore(place, file)
    expect(code).toBe(0)
    expect(stdout).toContain('credentials.json is not part of one')
    expectRefused(await restore(place, file), /is not empty/)
  }, 180_000)

  it('that is killed leaves what serve refuses, and can be run again', async () => {
    const { source, file } = await backup()
    for (const untilThereIs of ['keyhold.db', 'trail']) {
      const place = emptyPlaceOf(source)
      const args = [SERVER, 'restore', '--data', place, '--from', file]
      const child: ChildProcess = spawn(process.execPath, args, { stdio: 'ignore' })
      while (!existsSync(join(place, untilThereIs))) await sleep(1)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const serving = await run(['serve', '--data', place, '--listen', '127.0.0.1:0'])
      expect(serving.stderr).toMatch(/was not finished|was interrupted: it holds a part/)
      expect(serving.code).toBe(2)
      expectRefused(await restore(place, file), /is not empty: there is keyhold.db/)
      for (const name of readdirSync(place).filter((entry) => entry !== 'root.key')) {
        rmSync(join(place, name), { recursive: true })
      }
      expect((await restore(place, file)).code).toBe(0)
    }
  }, 180_000)
})
