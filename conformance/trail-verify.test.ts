// keyhold trail verify: what it says of a whole trail, of a changed one, and against a checkpoint.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KEYHOLD, newDirectory, run, startServer } from './server-program.ts'

const directory = newDirectory()
const checkpointFile = join(directory.path, 'checkpoint.json')
const data = join(directory.path, 'data')
const trail = join(data, 'trail')

beforeAll(async () => {
  const server = await startServer(data, ['--workers', '1'])
  const kms = server.kms()
  const { KeyMetadata } = await kms.send(new CreateKeyCommand())
  for (let count = 0; count < 3; count++) {
    const input = { KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }
    await kms.send(new EncryptCommand(input))
  }
  // A server may be running meanwhile.
  const { code, stdout } = await verify()
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^The trail verifies: \d records? in 1 chains/),
  ])
  expect(await server.stop()).toBe(0)
})
afterAll(() => directory.remove())

const verify = (...args: string[]) => run(['trail', 'verify', '--data', data, ...args])

/** The one chain of this server that holds records. */
function chainFile(): string {
  const files = readdirSync(trail).map((name) => join(trail, name))
  return files.find((file) => readFileSync(file, 'utf8').includes('"eventName"')) as string
}

/** Does `check` while the chain is as `change` makes it. */
async function withChanged(change: (text: string) => string, check: () => Promise<void>) {
  const file = chainFile()
  const original = readFileSync(file)
  const changed = change(original.toString('utf8'))
  expect(changed).not.toBe(original.toString('utf8'))
  writeFileSync(file, changed)
  try {
    await check()
  } finally {
    writeFileSync(file, original)
  }
}

it('A whole trail verifies, in words and as JSON', async () => {
  expect(await verify()).toEqual({
    code: 0,
    stdout: 'The trail verifies: 4 records in 1 chains.\n',
    stderr: '',
  })
  const { code, stdout } = await verify('--output', 'json')
  const report = JSON.parse(stdout)
  expect([code, report]).toMatchObject([
    0,
    { valid: true, problems: [], records: 4, chains: 1, unchained: 0, tornBytes: 0 },
  ])
  expect(report.checkpoint).toHaveLength(1)
})

it('A changed record does not, and the exit code says so', async () => {
  await withChanged(
    (text) => text.replace('"eventName":"Encrypt"', '"eventName":"Decrypt"'),
    async () => {
      const { code, stdout } = await verify()
      expect(code).toBe(1)
      expect(stdout).toMatch(/THE TRAIL DOES NOT VERIFY: 1 problems/)
      expect(stdout).toMatch(/the records of batch \d+ are not those that were written/)
      const json = await verify('--output', 'json')
      expect([json.code, JSON.parse(json.stdout).valid]).toEqual([1, false])
    },
  )
  expect((await verify()).code).toBe(0)
})

it('A tail that was cut off shows against a checkpoint', async () => {
  writeFileSync(checkpointFile, (await verify('--output', 'json')).stdout)
  expect((await verify('--checkpoint', checkpointFile)).code).toBe(0)
  await withChanged(
    (text) =>
      text
        .split(/(?<=\n\{"batch":.*\n)/)
        .slice(0, -1)
        .join(''),
    async () => {
      const { code, stdout } = await verify('--checkpoint', checkpointFile)
      expect([code, stdout]).toEqual([1, expect.stringContaining('which the checkpoint names')])
    },
  )
})

it('A chain that was removed is missed', async () => {
  const file = chainFile()
  const original = readFileSync(file)
  rmSync(file)
  const { code, stdout } = await verify()
  writeFileSync(file, original)
  expect([code, stdout]).toEqual([1, expect.stringContaining('missing, but it was opened')])
})

it('What is no checkpoint, and what is no installation, is refused', async () => {
  for (const [content, args] of [
    ['{}', ['--checkpoint', checkpointFile]],
    ['not JSON', ['--checkpoint', checkpointFile]],
    ['{}', ['--checkpoint', '/nonexistent']],
    ['{}', ['--data', '/nonexistent']],
  ] as const) {
    writeFileSync(checkpointFile, content)
    const { code, stdout, stderr } = await verify(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^keyhold: /)
  }
})

it('The public key alone verifies what is signed, which is all of a closed chain', async () => {
  const server = await startServer(data, ['--workers', '1'])
  const { stdout: publicKey } = await run(['trail', 'key', '--data', data], KEYHOLD)
  expect(await server.stop()).toBe(0)
  const alone = ['--public-key', publicKey.trim(), '--output', 'json']
  const { code, stdout } = await verify(...alone)
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { areMacsVerified: false, unsigned: [] }])
})

it('A closed chain whose last signature is gone does not verify', async () => {
  const { stdout: whole } = await verify('--output', 'json')
  await withChanged(
    // As left by a process that was killed before it signed.
    (text) => text.replace(/,"signature":"[^"]*"\}\}\n$/, '}}\n'),
    async () => {
      const { stdout } = await verify()
      expect(stdout).toMatch(/DOES NOT VERIFY/)
      expect(stdout).toMatch(/was closed, but its last head is not signed/)
    },
  )
  expect((await verify('--output', 'json')).stdout).toBe(whole)
})
