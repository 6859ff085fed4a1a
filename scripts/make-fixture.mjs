// npm run fixture: makes conformance/fixtures/VERSION with the real programs: a data directory, a backup of it,
// and what every later release has to answer from them. conformance/fixtures/README.md says when.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import * as Kms from '@aws-sdk/client-kms'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const KEYHOLD = join(ROOT, 'cli/keyhold.mjs')
const REGIONS = ['us-east-1', 'eu-west-1']
const ACCOUNT = '111122223333'
const OTHER_ACCOUNT = '444455556666'
/** The longest there is, so that time alone changes as little as can be. */
const ROTATION_DAYS = 2560
const WAITING_DAYS = 30
const MAX_BYTES = 400 * 1024
const DEADLINE_MS = 120_000
/** Each look is a record of the trail, which is to be small. */
const POLL_MS = 2000

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const fixture = join(ROOT, 'conformance/fixtures', version)
if (
  new RegExp(`^## \\[?${version.replaceAll('.', '\\.')}\\b`, 'm').test(
    readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'),
  )
) {
  fail(
    `${version} is released: its fixture is what people have on their disks, and stays as it is. Raise the version in package.json first.`,
  )
}

// A short path: the operator socket is in it.
const place = mkdtempSync(join(tmpdir(), 'fixture-'))
const data = join(place, 'data')
try {
  keyhold('init', '--data', data, '--account-id', ACCOUNT, '--regions', REGIONS.join())
  const server = await serve()
  let expected
  try {
    keyhold(
      'account',
      'create',
      '--data',
      data,
      '--account-id',
      OTHER_ACCOUNT,
      '--credentials-file',
      join(data, 'other-account.json'),
    )
    expected = await fill(server.endpoint)
    keyhold('backup', '--data', data, '--to', join(place, 'backup.keyhold'))
  } finally {
    await server.stop()
  }
  rmSync(fixture, { recursive: true, force: true })
  const left = /\/(lock|operator\.sock|other-account\.json|keyhold\.db)[^/]*$/
  cpSync(data, join(fixture, 'data'), { recursive: true, filter: (from) => !left.test(from) })
  // Mostly empty pages.
  writeFileSync(
    join(fixture, 'data/keyhold.db.gz'),
    gzipSync(readFileSync(join(data, 'keyhold.db'))),
  )
  cpSync(join(place, 'backup.keyhold'), join(fixture, 'backup.keyhold'))
  writeFileSync(join(fixture, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`)
} finally {
  rmSync(place, { recursive: true, force: true })
}
const bytes = sizeOf(fixture)
if (bytes > MAX_BYTES)
  fail(`${fixture} has ${bytes} bytes, more than ${MAX_BYTES}: let it hold less.`)
process.stdout.write(`${fixture}: ${Math.ceil(bytes / 1024)} KiB\n`)

/** Lives a little with the server; answers what there is in the end. */
async function fill(endpoint) {
  const credentials = read('credentials.json')
  const other = read('other-account.json')
  const [east, west] = REGIONS.map((region) => clientOf(endpoint, credentials, region))
  const theirs = clientOf(endpoint, other, REGIONS[0])
  const ciphertexts = []
  const keys = []

  async function encrypt(client, KeyId, what, text, EncryptionContext) {
    const Plaintext = Buffer.from(text)
    const { CiphertextBlob, KeyId: arn } = await client.send(
      new Kms.EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
    )
    keep(what, arn, CiphertextBlob, Plaintext, EncryptionContext)
    return CiphertextBlob
  }
  function keep(what, keyArn, blob, plaintext, context = {}) {
    const [Plaintext, CiphertextBlob] = [plaintext, blob].map((one) =>
      Buffer.from(one).toString('base64'),
    )
    ciphertexts.push({ what, keyArn, context, plaintext: Plaintext, blob: CiphertextBlob })
  }
  async function create(client, input) {
    const { KeyMetadata } = await client.send(new Kms.CreateKeyCommand(input)).catch((error) => {
      // Not every release takes a policy of one's own.
      if (error.name !== 'UnsupportedOperationException') throw error
      return client.send(new Kms.CreateKeyCommand({ ...input, Policy: undefined }))
    })
    keys.push({ client, KeyId: KeyMetadata.KeyId })
    return KeyMetadata.KeyId
  }

  const everyday = await create(east, {
    Description: 'everyday: aliases, tags, rotations',
    Tags: [
      { TagKey: 'team', TagValue: 'payments' },
      { TagKey: 'empty', TagValue: '' },
    ],
  })
  for (const name of ['alias/fixture/everyday', 'alias/fixture/second']) {
    await east.send(new Kms.CreateAliasCommand({ AliasName: name, TargetKeyId: everyday }))
  }
  await east.send(
    new Kms.EnableKeyRotationCommand({ KeyId: everyday, RotationPeriodInDays: ROTATION_DAYS }),
  )
  const first = await encrypt(east, everyday, 'first material, no context', 'before any rotation')
  await encrypt(east, 'alias/fixture/everyday', 'by alias, with a context', 'Grüße, 世界', {
    purpose: 'fixture',
    ключ: 'значение',
    z: '',
    A: '1',
  })
  await rotate(east, everyday, 1)
  await encrypt(east, everyday, 'second material', 'after one rotation', { n: '2' })
  await rotate(east, everyday, 2)
  await encrypt(east, everyday, 'third material, 4096 bytes', 'x'.repeat(4096))
  const dataKey = await east.send(
    new Kms.GenerateDataKeyCommand({
      KeyId: everyday,
      KeySpec: 'AES_256',
      EncryptionContext: { table: 't' },
    }),
  )
  keep('a data key', dataKey.KeyId, dataKey.CiphertextBlob, dataKey.Plaintext, { table: 't' })

  const disabled = await create(east, { Description: 'disabled' })
  await encrypt(east, disabled, 'under a key that is disabled now', 'asleep')
  await east.send(new Kms.DisableKeyCommand({ KeyId: disabled }))
  const leaving = await create(east, { Description: 'waits for its deletion' })
  await encrypt(east, leaving, 'under a key that waits for its deletion', 'leaving')
  await east.send(
    new Kms.ScheduleKeyDeletionCommand({ KeyId: leaving, PendingWindowInDays: WAITING_DAYS }),
  )

  // What follows is wrapped by the second domain key of each Region.
  keyhold('seal', 'rotate-domain', '--data', data)
  const policed = await create(east, { Description: 'with a policy of its own', Policy: policy() })
  await encrypt(east, policed, 'under the second domain key', 'policy')
  const moved = await east.send(
    new Kms.ReEncryptCommand({
      CiphertextBlob: first,
      DestinationKeyId: policed,
      DestinationEncryptionContext: { moved: 'yes' },
    }),
  )
  keep('re-encrypted', moved.KeyId, moved.CiphertextBlob, Buffer.from('before any rotation'), {
    moved: 'yes',
  })
  const western = await create(west, { Description: 'in another Region' })
  await encrypt(west, western, 'in another Region', 'west')
  const foreign = await create(theirs, { Description: 'of another account' })
  await encrypt(theirs, foreign, 'of another account', 'theirs')

  const described = []
  for (const { client, KeyId } of keys) described.push(await describe(client, KeyId))
  return {
    version,
    regions: REGIONS,
    credentials: [credentials, other].map(plain),
    ciphertexts,
    keys: described,
  }
}

async function rotate(client, KeyId, count) {
  await client.send(new Kms.RotateKeyOnDemandCommand({ KeyId }))
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const { Rotations } = await client.send(new Kms.ListKeyRotationsCommand({ KeyId }))
    if (Rotations.length === count) return
  }
  fail('the key is not rotated')
}

/** What a caller is told of a key; the test asks for the same. */
async function describe(client, KeyId) {
  const { KeyMetadata } = await client.send(new Kms.DescribeKeyCommand({ KeyId }))
  const { Aliases } = await client.send(new Kms.ListAliasesCommand({ KeyId }))
  const { Tags } = await client.send(new Kms.ListResourceTagsCommand({ KeyId }))
  const { Policy } = await client.send(new Kms.GetKeyPolicyCommand({ KeyId }))
  const { Rotations } = await client.send(new Kms.ListKeyRotationsCommand({ KeyId }))
  const rotation = await rotationOf(client, KeyId)
  return {
    KeyMetadata,
    Policy,
    Tags,
    Rotations,
    rotation,
    aliases: Aliases.map(({ AliasName, AliasArn }) => ({ AliasName, AliasArn })),
  }
}

async function rotationOf(client, KeyId) {
  const { KeyRotationEnabled, RotationPeriodInDays } = await client.send(
    new Kms.GetKeyRotationStatusCommand({ KeyId }),
  )
  return { KeyRotationEnabled, RotationPeriodInDays }
}

function policy() {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'fixture',
      Statement: [
        {
          Sid: 'Enable',
          Effect: 'Allow',
          Action: 'kms:*',
          Resource: '*',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        },
      ],
    },
    null,
    2,
  )
}

function clientOf(endpoint, { accessKeyId, secretAccessKey }, region) {
  return new Kms.KMSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
}

function plain({ accountId, accessKeyId, secretAccessKey }) {
  return { accountId, accessKeyId, secretAccessKey }
}

function read(name) {
  return JSON.parse(readFileSync(join(data, name), 'utf8'))
}

function keyhold(...args) {
  const { status, stderr } = spawnSync(process.execPath, [KEYHOLD, ...args], { encoding: 'utf8' })
  if (status !== 0) fail(`keyhold ${args.join(' ')}: ${stderr}`)
}

async function serve() {
  const args = [
    'serve',
    '--data',
    data,
    '--workers',
    '1',
    '--listen',
    '127.0.0.1:0',
    '--regions',
    REGIONS.join(),
  ]
  const child = spawn(process.execPath, [KEYHOLD, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const endpoint = await new Promise((resolve, reject) => {
    let text = ''
    child.once('exit', (code) => reject(new Error(`the server ended: ${code}`)))
    child.stdout.on('data', (chunk) => {
      text += chunk
      const ready = text.split('\n').find((line) => line.includes('"msg":"ready"'))
      if (ready !== undefined) resolve(JSON.parse(ready).endpoint)
    })
  })
  return {
    endpoint,
    async stop() {
      child.kill('SIGTERM')
      const code = await ended
      if (code !== 0) fail(`the server did not drain: ${code}`)
    },
  }
}

function sizeOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).length)
    .reduce((sum, length) => sum + length, 0)
}

function fail(why) {
  throw new Error(why)
}
