// The keyhold command as an operator meets it: help, refusals in one sentence, exit codes.
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { databaseNames, newDatabase } from './databases.ts'
import {
  KEYHOLD,
  newDirectory,
  type Outcome,
  readCredentials,
  run,
  startServer,
} from './server-program.ts'

const keyhold = (...args: string[]) => run(args, KEYHOLD)
/** The same without the launcher, which only passes things on. */
const server = (...args: string[]) => run(args)

function directory(): string {
  const { path, remove } = newDirectory()
  onTestFinished(remove)
  return path
}

const first = newDirectory()
beforeAll(async () => {
  expect((await server('init', '--data', first.path)).code).toBe(0)
})
afterAll(first.remove)

/** A copy of one that was made once. */
function installation(): string {
  const path = directory()
  cpSync(first.path, path, { recursive: true })
  return path
}

/** The operator's to mend: one sentence, exit code 2, no stack. */
function expectRefused({ code, stdout, stderr }: Outcome, sentence: RegExp) {
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/\n\s+at |node:internal/)
  // A warning may come first; nothing was begun.
  expect([code, stdout.replaceAll(/^\{"level":40,.*\n/gm, '')]).toEqual([2, ''])
}

describe('keyhold --help', () => {
  it.each([
    [['--help'], 'keyhold serve'],
    [['serve', '--help'], '--data'],
    [['init', '--help'], '--account-id'],
    [['migrate', '--help'], '--finish'],
    [['env', '--help'], '--output'],
    [['trail', '--help'], 'verify'],
    [['trail', 'verify', '--help'], '--checkpoint'],
    [['policy', 'lint', '--help'], '--account'],
    [['policy', 'generate', 'least-privilege', '--help'], '--read-data'],
  ])('%j tells options and ends well', async (args, word) => {
    const { code, stdout, stderr } = await keyhold(...args)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Usage:')
    expect(stdout).toContain(word)
    if (args[0] !== 'trail' || args[1] === 'verify') expect(stdout).toMatch(/Examples?:\n/)
  })

  it.each([
    ['serve', '--colour', 'red'],
    ['serve', '--workers', 'many'],
    ['init', '--data'],
    ['trail', 'burn'],
    ['trail', 'verify', '--output', 'xml'],
    ['account', 'list', '--output', 'xml'],
    ['burn'],
    [],
  ])('what there is not is refused: %s %s %s', async (...args) => {
    const { code, stderr } = await keyhold(...args)
    // Not 1, which is a verdict: that of trail verify, say.
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

describe('keyhold init', () => {
  it('makes an installation whose secrets are for its owner alone', async () => {
    const path = join(directory(), 'below', 'data')
    const args = ['init', '--data', path, '--account-id', '210987654321', '--output', 'json']
    const { code, stdout } = await server(...args)
    expect(code).toBe(0)
    const credentials = readCredentials(path)
    expect(JSON.parse(stdout)).toMatchObject({
      directory: path,
      accountId: '210987654321',
      accessKeyId: credentials.accessKeyId,
    })
    expect(stdout).not.toContain(credentials.secretAccessKey)
    expect(credentials).toMatchObject({ region: 'us-east-1', endpoint: 'http://127.0.0.1:8480' })
    for (const name of readdirSync(path)) {
      expect([name, statSync(join(path, name)).mode & 0o077]).toEqual([name, 0])
    }
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('takes the credentials that it is given', async () => {
    const path = directory()
    const given = ['--access-key-id', 'AKIAIOSFODNN7EXAMPLE', '--secret-access-key', 's'.repeat(40)]
    expect((await server('init', '--data', path, ...given)).code).toBe(0)
    expect(readCredentials(path)).toMatchObject({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 's'.repeat(40),
    })
  })

  it('refuses to make a second installation, and leaves the first as it is', async () => {
    const path = installation()
    const before = await readFile(join(path, 'root.key'))
    expectRefused(await server('init', '--data', path), /is an installation already/)
    expect((await readFile(join(path, 'root.key'))).equals(before)).toBe(true)
    // Nor where only the root key was lost: what is there would be lost with it.
    rmSync(join(path, 'root.key'))
    expectRefused(await server('init', '--data', path), /is an installation already/)
    expect(existsSync(join(path, 'root.key'))).toBe(false)
  })

  it.each([
    [['--account-id', '12'], /twelve digits/],
    [['--access-key-id', 'AKIAIOSFODNN7EXAMPLE'], /belong together/],
    [['--access-key-id', 'a b', '--secret-access-key', 's'.repeat(40)], /capital letters/],
    [['--access-key-id', 'AKIAIOSFODNN7EXAMPLE', '--secret-access-key', 'x'], /16 to 128/],
    [['--regions', 'Mars'], /no Region name/],
    [['--listen', 'nowhere'], /HOST:PORT/],
  ])('refuses %j and makes nothing', async (args, sentence) => {
    const path = join(directory(), 'data')
    expectRefused(await server('init', '--data', path, ...args), sentence)
    expect(existsSync(path)).toBe(false)
  })
})

describe('keyhold env', () => {
  it('prints what the shell and the SDKs read, or JSON', async () => {
    const path = installation()
    const { accessKeyId, secretAccessKey } = readCredentials(path)
    const { code, stdout } = await keyhold('env', '--data', path)
    expect(code).toBe(0)
    expect(stdout).toContain(`export AWS_ACCESS_KEY_ID='${accessKeyId}'\n`)
    expect(stdout).toContain(`export AWS_SECRET_ACCESS_KEY='${secretAccessKey}'\n`)
    expect(stdout.trimEnd().split('\n')).toHaveLength(5)
    const json = await keyhold('env', '--data', path, '--output', 'json')
    expect(JSON.parse(json.stdout)).toMatchObject({ AWS_REGION: 'us-east-1' })
  })

  it('says where it looked when there is nothing', async () => {
    expectRefused(
      await keyhold('env', '--data', '/nonexistent'),
      /credentials\.json cannot be read/,
    )
  })
})

describe('keyhold serve refuses', () => {
  const serve = (path: string, ...args: string[]) =>
    server('serve', '--data', path, '--listen', '127.0.0.1:0', ...args)

  it('a directory that holds something else, and leaves it as it is', async () => {
    const path = directory()
    writeFileSync(join(path, 'thesis.txt'), 'years of work')
    expectRefused(await serve(path), /There is no installation in/)
    expect(readdirSync(path)).toEqual(['thesis.txt'])
  })

  it('a file in the place of its directory, and a directory that it cannot make', async () => {
    const file = join(directory(), 'file')
    writeFileSync(file, '')
    expectRefused(await serve(file), /file is no directory/)
    expectRefused(await server('init', '--data', file), /file is no directory/)
    expectRefused(await server('init', '--data', join(file, 'below')), /cannot be made \(ENOTDIR\)/)
  })

  it('a database that does not answer, with an exit code that says to try again', async () => {
    const url = 'postgres://user:a-password@127.0.0.1:1/keyhold'
    const { code, stderr } = await serve(installation(), '--database', url)
    expect(stderr).toMatch(/database cannot be reached: .*ECONNREFUSED.*Is it running/)
    expect(stderr).not.toMatch(/a-password|\n\s+at /)
    expect(code).toBe(3)
  })

  it('an address that others reach, without TLS', async () => {
    for (const address of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0']) {
      const refused = await server('serve', '--data', directory(), '--listen', address)
      expectRefused(refused, /can be reached by others: give --tls-cert and --tls-key/)
    }
  })

  it('to make an installation where others would reach it', async () => {
    const path = directory()
    const args = ['serve', '--data', path, '--listen', '0.0.0.0:0', '--insecure-http']
    expectRefused(await server(...args), /Make one with: keyhold init/)
    expect(readdirSync(path)).toEqual([])
  })

  it.each([
    [['--workers', '0'], /between 1 and 256/],
    [['--regions', 'us-east-1,Mars'], /'Mars' is no Region name/],
    [['--tls-cert', '/nonexistent'], /belong together/],
    [
      ['--tls-cert', '/nonexistent', '--tls-key', '/nonexistent'],
      /TLS files cannot be (read|used)/,
    ],
  ])('%j', async (args, sentence) => {
    expectRefused(await serve(directory(), ...args), sentence)
  })

  it('an installation that was not finished', async () => {
    const path = installation()
    for (const name of readdirSync(path)) {
      if (name.startsWith('keyhold.db')) rmSync(join(path, name))
    }
    expectRefused(await serve(path), /was not finished/)
    rmSync(join(path, 'root.key'))
    expectRefused(await serve(path), /There is no installation in/)
  })

  it('the root key of another installation, and one that others may read', async () => {
    const [path, other] = [installation(), directory()]
    expect((await server('init', '--data', other)).code).toBe(0)
    await copyFile(join(other, 'root.key'), join(path, 'root.key'))
    expectRefused(await serve(path), /is not the root key of this database|made with root key/)
    expectRefused(await server('trail', 'verify', '--data', path), /root key/)
    chmodSync(join(other, 'root.key'), 0o644)
    const { code, stderr } = await serve(other)
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('readable by its owner alone')
  })

  it('a directory that another server has, and a port that is taken', async () => {
    const path = installation()
    const running = await startServer(path, ['--workers', '1'])
    onTestFinished(() => running.kill())
    expectRefused(await serve(path, '--workers', '1'), /Another server is running on/)
    expect((await fetch(`${running.endpoint}/health`)).status).toBe(200)
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    for (const workers of ['1', '2']) {
      const args = ['serve', '--data', installation(), '--workers', workers]
      const { code, stderr } = await server(...args, '--listen', `127.0.0.1:${port}`)
      expect([workers, code]).not.toEqual([workers, 0])
      expect(stderr).toContain('EADDRINUSE')
    }
  })

  it.runIf(databaseNames.includes('postgres'))('a database that is no installation', async () => {
    const database = await newDatabase('postgres')
    onTestFinished(database.remove)
    const refused = await serve(directory(), ...database.args)
    expectRefused(refused, /Make one with: keyhold init .*--database/)
    const path = installation()
    expectRefused(await serve(path, ...database.args), /was not finished/)
  })
})
