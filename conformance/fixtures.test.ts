// What earlier releases left on disks, for ever: their data directories and backups work with this one, and
// their ciphertexts decrypt. conformance/fixtures/README.md says how they are made, and when never again.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databaseNames, newDatabase } from './databases.ts'
import { newDirectory, type Running, run, startServer } from './server-program.ts'

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url))
const PRESENT = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Record<string, string>

type Ciphertext = {
  readonly what: string
  readonly keyArn: string
  readonly context: Record<string, string>
  readonly plaintext: string
  readonly blob: string
}
type Key = {
  readonly KeyMetadata: { readonly Arn: string; readonly KeyState: string }
  readonly Policy: string
  readonly Tags: readonly object[]
  readonly Rotations: readonly object[]
  readonly rotation: object
  readonly aliases: readonly { readonly AliasName: string; readonly AliasArn: string }[]
}
type Expected = {
  readonly regions: readonly string[]
  readonly credentials: readonly {
    readonly accountId: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }[]
  readonly ciphertexts: readonly Ciphertext[]
  readonly keys: readonly Key[]
}

const versions = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'data')))

function expectedOf(version: string): Expected {
  return JSON.parse(readFileSync(join(FIXTURES, version, 'expected.json'), 'utf8')) as Expected
}

/** Where git has been, files are readable for everybody. */
function place(): string {
  const { path, remove } = newDirectory()
  onTestFinished(remove)
  chmodSync(path, 0o700)
  return path
}

function putSeal(version: string, directory: string): void {
  for (const name of ['root.key', 'credentials.json']) {
    copyFileSync(join(FIXTURES, version, 'data', name), join(directory, name))
    chmodSync(join(directory, name), 0o600)
  }
}

function copyData(version: string): string {
  const directory = place()
  cpSync(join(FIXTURES, version, 'data'), directory, { recursive: true })
  putSeal(version, directory)
  const compressed = join(directory, 'keyhold.db.gz')
  writeFileSync(join(directory, 'keyhold.db'), gunzipSync(readFileSync(compressed)), {
    mode: 0o600,
  })
  rmSync(compressed)
  return directory
}

/** Everything that an application and an auditor may expect of the installation. */
async function checkAll(directory: string, expected: Expected, args: readonly string[] = []) {
  const { regions, ciphertexts, keys } = expected
  const own = ['--workers', '1', '--regions', regions.join(), ...args]
  const server = await startServer(directory, own)
  onTestFinished(() => server.kill())
  const clientOf = clients(server, expected)

  for (const key of keys) await checkKey(clientOf(key.KeyMetadata.Arn), key)
  const states = new Map(keys.map(({ KeyMetadata: { Arn, KeyState } }) => [Arn, KeyState]))
  for (const ciphertext of ciphertexts) {
    const { keyArn, what } = ciphertext
    const kms = clientOf(keyArn)
    const state = states.get(keyArn) as string
    if (state !== 'Enabled') {
      await expect(decrypt(kms, ciphertext), what).rejects.toMatchObject({
        name: state === 'Disabled' ? 'DisabledException' : 'KMSInvalidStateException',
      })
      if (state === 'PendingDeletion') {
        await kms.send(new CancelKeyDeletionCommand({ KeyId: keyArn }))
      }
      await kms.send(new EnableKeyCommand({ KeyId: keyArn }))
    }
    expect(await decrypt(kms, ciphertext), what).toBe(ciphertext.plaintext)
    await expect(decrypt(kms, { ...ciphertext, context: { another: 'one' } })).rejects.toThrow()
  }
  // What is made from now on decrypts as well, under old keys.
  for (const { KeyMetadata } of keys) {
    const KeyId = KeyMetadata.Arn
    const kms = clientOf(KeyId)
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from(KeyId) }),
    )
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(Plaintext as Uint8Array).toString()).toBe(KeyId)
  }

  expect(await server.stop()).toBe(0)
  const verified = await run(['trail', 'verify', '--data', directory, ...args])
  expect(verified, verified.stdout).toMatchObject({ code: 0, stderr: '' })
}

function clients(server: Running, { credentials, regions, keys }: Expected) {
  const arns = keys.map(({ KeyMetadata }) => KeyMetadata.Arn)
  const made = new Map<string, KMSClient>()
  for (const { accountId, accessKeyId, secretAccessKey } of credentials) {
    for (const region of regions) {
      const client = server.kms({ region, credentials: { accessKeyId, secretAccessKey } })
      made.set(`${region}:${accountId}`, client)
    }
  }
  return (arn: string): KMSClient => {
    expect(arns).toContain(arn)
    const [, , , region, account] = arn.split(':')
    return made.get(`${region}:${account}`) as KMSClient
  }
}

async function decrypt(kms: KMSClient, { blob, context }: Ciphertext): Promise<string> {
  const { Plaintext } = await kms.send(
    new DecryptCommand({ CiphertextBlob: Buffer.from(blob, 'base64'), EncryptionContext: context }),
  )
  return Buffer.from(Plaintext as Uint8Array).toString('base64')
}

async function checkKey(kms: KMSClient, key: Key): Promise<void> {
  const KeyId = key.KeyMetadata.Arn
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
  // Later releases may tell more of a key, but nothing else. Dates come out of JSON as text.
  expect(plain(KeyMetadata)).toMatchObject(key.KeyMetadata)
  const { Keys } = await kms.send(new ListKeysCommand())
  expect(Keys?.map(({ KeyArn }) => KeyArn)).toContain(KeyId)
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }))
  expect(Policy).toBe(key.Policy)
  const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }))
  expect(Tags).toEqual(key.Tags)
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId }))
  expect(plain(Aliases)).toMatchObject(key.aliases)
  for (const { AliasName } of key.aliases) {
    const described = await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))
    expect(described.KeyMetadata?.Arn).toBe(KeyId)
  }
  const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }))
  expect(plain(status)).toMatchObject(key.rotation)
  const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId }))
  // In some years it will have been rotated by itself.
  for (const rotation of key.Rotations) {
    expect(plain(Rotations)).toContainEqual(expect.objectContaining(rotation))
  }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}

it('the fixture of this version is there', () => {
  expect(versions).toContain(PRESENT.version)
})

describe.each(versions)('What release %s left behind', (version) => {
  const expected = expectedOf(version)

  it('holds what it is to hold', () => {
    expect(expected.ciphertexts.length).toBeGreaterThan(8)
    expect(expected.keys.map(({ KeyMetadata }) => KeyMetadata.KeyState)).toEqual(
      expect.arrayContaining(['Enabled', 'Disabled', 'PendingDeletion']),
    )
    expect(expected.keys[0]).toMatchObject({
      aliases: [{}, {}],
      Tags: [{}, {}],
      Rotations: [{}, {}],
      rotation: { KeyRotationEnabled: true },
    })
  })

  it('its data directory works', async () => {
    await checkAll(copyData(version), expected)
  }, 120_000)

  it.each(databaseNames)(
    'its backup restores into %s and works',
    async (name) => {
      const database = await newDatabase(name)
      onTestFinished(() => database.remove())
      const directory = place()
      putSeal(version, directory)
      // A restore wants the seal alone.
      rmSync(join(directory, 'credentials.json'))
      const from = join(FIXTURES, version, 'backup.keyhold')
      const restored = await run(['restore', '--data', directory, '--from', from, ...database.args])
      expect(restored).toMatchObject({ code: 0, stderr: '' })
      putSeal(version, directory)
      await checkAll(directory, expected, database.args)
    },
    120_000,
  )
})
