// The whole life of a sealed installation, with the programs alone: passphrase, shares, file; restarts,
// a killed worker, people who mistype, and a thief who has the directory.
import { createHash, generateKeyPairSync } from 'node:crypto'
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { afterAll, describe, expect, it, vi } from 'vitest'
import {
  keyhold,
  keyholdOnTerminal,
  processesBelow,
  type Started,
  startSealed,
} from './operator-programs.ts'
import { filesBelow, placesOf } from './secret-places.ts'
import { newDirectory } from './server-program.ts'
import { openPassphraseSeal } from './stranger.ts'

const PASSPHRASE = 'grün correct horse battery staple'
const PLAINTEXT = 'a plaintext that nobody else may see'
const ON_3 = ['--passphrase-fd', '3']

// Many programs start here, each in about a second on a machine that has nothing else to do.
vi.setConfig({ testTimeout: 90_000 })

const directory = newDirectory()
const path = join(directory.path, 'keyhold')
const data = ['--data', path]
let server: Started
let secretAccessKey = ''
let accessKeyId = ''
let keyId = ''
let blob: Uint8Array
let rootKey: Buffer
let publicKey = ''

afterAll(async () => {
  await server?.kill()
  directory.remove()
})

/** Where a link leads; nowhere, when it went away since it was listed. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return ''
  }
}

const seal = () => JSON.parse(readFileSync(join(path, 'seal.json'), 'utf8'))
const unseal = (secret: string) => keyhold(['unseal', ...data, ...ON_3], secret)
async function status() {
  return JSON.parse((await keyhold(['seal', 'status', ...data, '--output', 'json'])).stdout)
}
async function endpoint(message = 'ready'): Promise<string> {
  return String((await server.line(message)).endpoint)
}
async function kms(): Promise<KMSClient> {
  return new KMSClient({
    endpoint: await endpoint(),
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    // A connection for each call: they go to the workers in turn.
    requestHandler: { httpAgent: { keepAlive: false } },
  })
}
async function decrypted(): Promise<string> {
  const client = await kms()
  const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob: blob }))
  client.destroy()
  return Buffer.from(Plaintext ?? []).toString()
}
async function restart(
  args: readonly string[] = ['--workers', '1'],
  secret?: string,
): Promise<void> {
  expect(await server.stop()).toBe(0)
  server = startSealed(path, args, secret)
}

describe('an installation sealed by a passphrase', () => {
  it('is made by a passphrase on a descriptor, without any file that holds a secret', async () => {
    const made = await keyhold(
      [
        'init',
        ...data,
        '--seal',
        'passphrase',
        ...ON_3,
        '--no-credentials-file',
        '--output',
        'json',
      ],
      `${PASSPHRASE}\n`,
    )
    expect(made.stderr).toBe('')
    const told = JSON.parse(made.stdout)
    expect(told).toMatchObject({ seal: 'passphrase', accountId: '111122223333' })
    expect(told.credentialsFile).toBeUndefined()
    ;({ accessKeyId, secretAccessKey } = told)
    expect(readdirSync(path).filter((name) => !name.startsWith('keyhold.db'))).toEqual([
      'lock',
      'seal.json',
    ])
    expect(statSync(join(path, 'lock')).size).toBe(0)
    expect(statSync(join(path, 'seal.json')).mode & 0o777).toBe(0o600)
    rootKey = openPassphraseSeal(seal(), PASSPHRASE)
    expect(rootKey).toHaveLength(32)
    expect(() => openPassphraseSeal(seal(), `${PASSPHRASE}\n`)).toThrow()
  })

  it('refuses to be made again, with a short passphrase, with a very long one, with none, and with bytes that are no text', async () => {
    const again = await keyhold(['init', ...data, '--seal', 'passphrase', ...ON_3], PASSPHRASE)
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringContaining('is an installation already'),
    ])
    const other = join(directory.path, 'other')
    const init = ['init', '--data', other, '--seal', 'passphrase']
    const short = await keyhold([...init, ...ON_3], 'short')
    expect([short.code, short.stderr]).toEqual([2, expect.stringContaining('at least 12')])
    const long = await keyhold([...init, ...ON_3], 'x'.repeat(4097))
    expect([long.code, long.stderr]).toEqual([2, expect.stringContaining('at most 4096')])
    const closed = await keyhold([...init, '--passphrase-fd', '7'])
    expect(closed.code).toBe(2)
    const binary = await keyhold([...init, ...ON_3], Buffer.alloc(32, 0xfe))
    expect([binary.code, binary.stderr]).toEqual([2, expect.stringContaining('is text (UTF-8)')])
    const nobody = await keyhold(init)
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('no terminal')])
    expect(existsSync(other)).toBe(false)
  })

  it('comes up sealed, says so to everyone, and is not unsealed by a wrong passphrase', async () => {
    server = startSealed(path)
    const address = await endpoint('sealed: unseal with keyhold unseal')
    const health = await fetch(`${address}/health`)
    expect([health.status, await health.json()]).toEqual([
      503,
      {
        live: true,
        ready: false,
        parts: expect.objectContaining({ seal: 'failing' }),
        why: { seal: 'sealed: keyhold unseal' },
      },
    ])
    const call = await fetch(address, {
      method: 'POST',
      headers: { 'x-amz-target': 'TrentService.ListKeys' },
    })
    expect(call.status).toBe(503)
    const wrong = await unseal('another passphrase')
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr: 'keyhold: The passphrase is not the right one.\n',
    })
    expect(await status()).toEqual({
      Kind: 'passphrase',
      Sealed: true,
      Given: 0,
      Needed: 0,
      Failures: 1,
    })
    const early = await keyhold(['account', 'list', ...data])
    expect([early.code, early.stderr]).toEqual([
      2,
      expect.stringContaining('The server is sealed.'),
    ])
  })

  it('is unsealed at a prompt that shows nothing of what is typed', async () => {
    const { code, stdout } = await keyholdOnTerminal(
      ['unseal', ...data],
      // A wrong letter with two bytes is taken back as one.
      [['Passphrase: ', `${PASSPHRASE}ü\x7f\r`]],
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining('Unsealed (seal: passphrase).')])
    expect(stdout).not.toContain('horse')
    const client = await kms()
    const { KeyMetadata } = await client.send(new CreateKeyCommand())
    keyId = KeyMetadata?.KeyId as string
    const Plaintext = Buffer.from(PLAINTEXT)
    blob = (await client.send(new EncryptCommand({ KeyId: keyId, Plaintext })))
      .CiphertextBlob as Uint8Array
    client.destroy()
    expect(await decrypted()).toBe(PLAINTEXT)
  })

  it('shows neither key nor passphrase in its processes’ arguments, environments and open files', async () => {
    const processes = processesBelow(server.pid)
    expect(processes.length).toBeGreaterThanOrEqual(3)
    const texts = new Map<string, Buffer>()
    for (const pid of processes) {
      for (const name of ['cmdline', 'environ']) {
        texts.set(`${name} of ${pid}`, readFileSync(`/proc/${pid}/${name}`))
      }
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const target = targetOf(`/proc/${pid}/fd/${descriptor}`)
        if (target.startsWith(path) && !target.includes('.sock')) {
          expect(target).toMatch(/keyhold\.db|\.jsonl$|lock/)
        }
      }
    }
    expect(placesOf(rootKey, texts)).toEqual([])
    expect(placesOf(Buffer.from(PASSPHRASE), texts)).toEqual([])
    expect(placesOf(Buffer.from(secretAccessKey), texts)).toEqual([])
    expect(placesOf(Buffer.from('serve'), texts).length).toBeGreaterThanOrEqual(3)
  })

  it('gives the root key to a worker that takes the place of a killed one', async () => {
    const before = processesBelow(server.pid).slice(1)
    process.kill(before[0] as number, 'SIGKILL')
    await server.line('a worker died and is replaced')
    let after: number[] = []
    for (let tries = 0; tries < 300 && after.length < before.length; tries++) {
      await sleep(20)
      after = processesBelow(server.pid).slice(1)
    }
    const [replacement] = after.filter((pid) => !before.includes(pid))
    expect(replacement).toBeDefined()
    // Once both serve, calls succeed wherever they go.
    for (let inARow = 0, tries = 0; inARow < 20; tries++) {
      if (tries > 300) throw new Error('not every worker serves')
      inARow = (await decrypted().catch(String)) === PLAINTEXT ? inARow + 1 : 0
    }
  })

  it('yields nothing to a thief of its directory', async () => {
    const stolen = join(directory.path, 'stolen')
    cpSync(path, stolen, { recursive: true, filter: (name) => !name.endsWith('.sock') })
    const files = filesBelow(stolen)
    for (const secret of [
      rootKey,
      Buffer.from(PASSPHRASE),
      Buffer.from(secretAccessKey),
      Buffer.from(PLAINTEXT),
    ]) {
      expect(placesOf(secret, files)).toEqual([])
    }
    // What is there, is: the record of the key that was made.
    expect(placesOf(Buffer.from('"eventName":"CreateKey"'), files)).not.toEqual([])
    const thief = startSealed(stolen, ['--workers', '1'])
    await thief.line('sealed')
    expect((await keyhold(['unseal', '--data', stolen, ...ON_3], 'password1234')).code).toBe(2)
    await thief.kill()

    // A root key of the thief's own, under the id of the right one.
    const own = join(directory.path, 'own')
    await keyhold(['init', '--data', own])
    const forged = readFileSync(join(own, 'root.key'))
    Buffer.from(seal().rootKeyId, 'hex').copy(forged, 19)
    createHash('sha256').update(forged.subarray(0, 67)).digest().copy(forged, 67, 0, 8)
    for (const [key, why] of [
      [
        readFileSync(join(own, 'root.key')),
        'This is not the root key of this database: it was made with',
      ],
      [forged, 'but does not open what that sealed'],
    ] as const) {
      rmSync(join(stolen, 'seal.json'), { force: true })
      writeFileSync(join(stolen, 'root.key'), key, { mode: 0o600 })
      const refused = startSealed(stolen, ['--workers', '1', '--regions', 'us-east-1,eu-west-1'])
      await expect(refused.line('ready')).rejects.toThrow(why)
      expect(await refused.stop()).toBe(2)
    }
    rmSync(stolen, { recursive: true })
  })

  it('is unsealed at its start by a passphrase on a descriptor, and refuses to start with a wrong one', async () => {
    await restart(['--workers', '2', ...ON_3], `${PASSPHRASE}\n`)
    expect(await decrypted()).toBe(PLAINTEXT)
    expect(await server.stop()).toBe(0)
    server = startSealed(path, ['--workers', '1', ...ON_3], 'another passphrase')
    await expect(server.line('ready')).rejects.toThrow('The passphrase is not the right one.')
    expect(await server.stop()).toBe(2)
    server = startSealed(path, ['--workers', '1', ...ON_3], PASSPHRASE)
    await server.line('ready')
  })
})

describe('its audit trail', () => {
  it('is verified with the key that the running server tells, or one that was kept elsewhere', async () => {
    publicKey = (await keyhold(['trail', 'key', ...data])).stdout.trim()
    expect(Buffer.from(publicKey, 'base64')).toHaveLength(44)
    const verified = await keyhold(['trail', 'verify', ...data])
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The trail verifies'),
    })
    expect(await server.stop()).toBe(0)
    const alone = await keyhold(['trail', 'verify', ...data])
    expect([alone.code, alone.stderr]).toEqual([
      2,
      expect.stringContaining('start the server and unseal it, or give --public-key'),
    ])
    const known = await keyhold(['trail', 'verify', ...data, '--public-key', publicKey])
    expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('The trail verifies') })
    const { publicKey: other } = generateKeyPairSync('ed25519')
    const foreign = other.export({ format: 'der', type: 'spki' }).toString('base64')
    const refused = await keyhold(['trail', 'verify', ...data, '--public-key', foreign])
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('DOES NOT VERIFY') })
    const broken = await keyhold(['trail', 'verify', ...data, '--public-key', 'no key'])
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('--public-key takes')])
    server = startSealed(path, ['--workers', '1'])
    await server.line('sealed')
    const sealed = await keyhold(['trail', 'verify', ...data])
    expect([sealed.code, sealed.stderr]).toEqual([
      2,
      expect.stringContaining('The server is sealed.'),
    ])
    await unseal(PASSPHRASE)
  })
})

describe('the same installation', () => {
  let shares: string[] = []
  let newShares: string[] = []

  it('is sealed by shares instead, which three people give after a restart', async () => {
    await server.line('ready')
    const to = ['seal', 'migrate', ...data, '--to', 'shares', '--shares', '5', '--threshold', '3']
    const migrated = await keyhold([...to, '--output', 'json'])
    shares = JSON.parse(migrated.stdout).Shares
    expect(shares).toHaveLength(5)
    expect(seal()).toMatchObject({ kind: 'shares', threshold: 3 })
    expect(await status()).toMatchObject({ Kind: 'shares', Sealed: false, Needed: 3 })
    await restart()
    await server.line('sealed')
    const first = await keyholdOnTerminal(
      ['unseal', ...data],
      [['Share 1 of 3: ', `${shares[4]}\r`]],
    )
    expect(first.stdout).toContain('Sealed: 1 of 3 shares given.')
    expect((await unseal(shares[4] as string)).stderr).toContain('given already')
    expect((await unseal(`${shares[1]}`.replace(/.$/, 'g'))).stderr).toContain('no share')
    expect((await unseal(shares[1] as string)).stdout).toBe('Sealed: 2 of 3 shares given.\n')
    expect((await unseal(shares[0] as string)).stdout).toBe('Unsealed (seal: shares).\n')
    expect(await decrypted()).toBe(PLAINTEXT)
  })

  it('keeps its shares when somebody does not confirm the new ones', async () => {
    const rekey = ['seal', 'rekey', ...data, '--shares', '3', '--threshold', '2']
    const before = seal()
    const left = await keyholdOnTerminal(rekey, [['Press Enter once all of them are kept', '\x03']])
    expect(left.stdout).toContain('Interrupted.')
    expect(left.code).toBe(2)
    expect(seal()).toEqual(before)
    const unsaid = await keyhold(['seal', 'rekey', ...data])
    expect([unsaid.code, unsaid.stderr]).toEqual([
      2,
      expect.stringContaining('--shares 5 --threshold 3'),
    ])
    const done = await keyholdOnTerminal(rekey, [['Press Enter once all of them are kept', '\r']])
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('is now sealed: shares.')])
    newShares = [...done.stdout.matchAll(/keyhold-share-\S+/g)].map(([share]) => share)
    expect(newShares).toHaveLength(3)
    expect(seal()).toMatchObject({ kind: 'shares', shares: 3, threshold: 2 })
  })

  it('refuses the old shares after that, and takes two of the new', async () => {
    await restart()
    await server.line('sealed')
    for (const share of shares.slice(0, 2)) {
      expect((await unseal(share)).stderr).toContain('This share is of another set')
    }
    await unseal(newShares[2] as string)
    expect((await unseal(newShares[0] as string)).stdout).toBe('Unsealed (seal: shares).\n')
    const rotated = await keyhold(['seal', 'rotate-domain', ...data])
    expect(rotated).toMatchObject({ code: 0, stdout: 'us-east-1  generation 2\n' })
    expect(await decrypted()).toBe(PLAINTEXT)
  })

  it('goes back to a file, with the same root key, and starts by itself', async () => {
    const { stdout } = await keyhold(['seal', 'migrate', ...data, '--to', 'file'])
    expect(stdout).toBe('The root key is now sealed: file.\n')
    expect(existsSync(join(path, 'seal.json'))).toBe(false)
    const file = readFileSync(join(path, 'root.key'))
    expect(file.subarray(35, 67)).toEqual(rootKey)
    await restart()
    expect(await decrypted()).toBe(PLAINTEXT)
    expect(server.text()).not.toContain('sealed: unseal')
    const verified = await keyhold(['trail', 'verify', ...data, '--output', 'json'])
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true })
    const { stdout: key } = await keyhold(['trail', 'key', ...data])
    expect(key.trim()).toBe(publicKey)
    // It has no secret that could be replaced: nobody is told that one was.
    const rekeyed = await keyhold(['seal', 'rekey', ...data])
    expect([rekeyed.code, rekeyed.stdout]).toEqual([2, ''])
    expect(rekeyed.stderr).toContain('keyhold seal rotate-root makes another root key')
    // And away from it again by a new passphrase, asked for twice, and again where they differ.
    const again = await keyholdOnTerminal(
      ['seal', 'migrate', ...data, '--to', 'passphrase'],
      [
        ['New passphrase: ', 'a first passphrase\r'],
        ['Once more: ', 'a second passphrase\r'],
        ['begin again', ''],
        ['New passphrase: ', `${PASSPHRASE}\r`],
        ['Once more: ', `${PASSPHRASE}\r`],
      ],
    )
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('sealed: passphrase.')])
    expect(existsSync(join(path, 'root.key'))).toBe(false)
    expect(openPassphraseSeal(seal(), PASSPHRASE)).toEqual(rootKey)
  })

  it('told all of it in its trail, and no secret', async () => {
    const create = ['account', 'create', ...data, '--account-id', '222233334444']
    // A secret is told once: nothing is made where the file for it cannot be.
    for (const [file, why] of [
      [join(directory.path, 'nowhere/team.json'), 'cannot be written (ENOENT), so nothing was'],
      [join(path, 'seal.json'), 'is there already, and is not replaced'],
    ] as const) {
      const refused = await keyhold([...create, '--credentials-file', file])
      expect([refused.code, refused.stdout]).toEqual([2, ''])
      expect(refused.stderr).toContain(why)
    }
    const team = join(directory.path, 'team.json')
    // Put there beforehand by somebody who would like to read it.
    const theirs = join(directory.path, 'theirs')
    writeFileSync(theirs, '')
    symlinkSync(theirs, `${team}.new`)
    const accounts = await keyhold([...create, '--credentials-file', team])
    expect(accounts.stdout).toContain(`its secret is in ${team}`)
    expect(statSync(team).mode & 0o777).toBe(0o600)
    expect(readFileSync(theirs, 'utf8')).toBe('')
    const made = JSON.parse(readFileSync(team, 'utf8'))
    const rotated = await keyhold([
      'credentials',
      'rotate',
      ...data,
      '--account-id',
      '222233334444',
    ])
    const next = JSON.parse(rotated.stdout)
    expect(await server.stop()).toBe(0)
    const files = filesBelow(path)
    const trail = [...files]
      .filter(([name]) => name.endsWith('.jsonl'))
      .map(([, text]) => text.toString())
    const events = [...trail.join('').matchAll(/"eventName":"([A-Za-z]+)"/g)].map(
      ([, name]) => name,
    )
    for (const name of [
      'Unseal',
      'MigrateSeal',
      'ConfirmSeal',
      'GetTrailKey',
      'CreateAccount',
      'RotateCredentials',
    ]) {
      expect(events).toContain(name)
    }
    files.set('what the server said', Buffer.from(server.text()))
    const told = [...shares, ...newShares].flatMap((share) => [
      share,
      share.split('-')[3] as string,
    ])
    const secrets = [PASSPHRASE, PLAINTEXT, made.secretAccessKey, next.secretAccessKey, ...told]
    for (const secret of secrets) expect(placesOf(Buffer.from(secret), files)).toEqual([])
    expect(placesOf(rootKey, files)).toEqual([])
  })
})
