// The AWS Encryption SDK over a running server: a stream larger than what either side holds of it.
// https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/javascript-examples.html
import { createHash } from 'node:crypto'
import { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { buildClient, CommitmentPolicy, KMS, KmsKeyringNode } from '@aws-crypto/client-node'
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newDirectory, type Running, startServer } from './server-program.ts'

type KeyringInput = NonNullable<ConstructorParameters<typeof KmsKeyringNode>[0]>

const STREAM_BYTES = 100 * 1024 * 1024
const FRAME_BYTES = 1024 * 1024
const MAX_HELD_BYTES = 16 * FRAME_BYTES
const CONTEXT = { app: 'archive', note: 'Grüße, 世界' }

const { encrypt, encryptStream, decrypt, decryptStream } = buildClient(
  CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
)

const directory = newDirectory()
let server: Running
let kms: KMS
let keyring: KmsKeyringNode
let KeyId: string
beforeAll(async () => {
  server = await startServer(directory.path, ['--workers', '1'])
  const { KeyMetadata } = await server.kms().send(new CreateKeyCommand())
  KeyId = KeyMetadata?.Arn as string
  const { region, accessKeyId, secretAccessKey } = server.credentials
  const credentials = { accessKeyId, secretAccessKey }
  kms = new KMS({ endpoint: server.endpoint, region, credentials, maxAttempts: 1 })
  // The same client, by the types of a package that is less strict about members that are undefined.
  const clientProvider = (() => kms) as unknown as NonNullable<KeyringInput['clientProvider']>
  keyring = new KmsKeyringNode({ generatorKeyId: KeyId, clientProvider })
})
afterAll(async () => {
  kms.destroy()
  await server.stop()
  directory.remove()
})

/** So many bytes, made when they are asked for; no two chunks are the same. */
function* generated(totalBytes: number): Generator<Buffer> {
  for (let sent = 0, count = 0; sent < totalBytes; count++) {
    const chunk = Buffer.alloc(Math.min(65_536, totalBytes - sent), `chunk ${count} `)
    sent += chunk.length
    yield chunk
  }
}

/** Passes everything on, and hashes and counts it. */
function gauge() {
  const hash = createHash('sha256')
  const seen = { bytes: 0, sha256: () => hash.digest('hex') }
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      seen.bytes += chunk.length
      done(null, chunk)
    },
  })
  return { seen, stream }
}

it('A stream of 100 MB comes back as it was, and little of it is held on the way', async () => {
  const [before, message, after] = [gauge(), gauge(), gauge()]
  let mostHeldBytes = 0
  const look = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      mostHeldBytes = Math.max(mostHeldBytes, before.seen.bytes - after.seen.bytes)
      done(null, chunk)
    },
  })
  const decrypting = decryptStream(keyring)
  let context: unknown
  decrypting.once('MessageHeader', ({ encryptionContext }) => {
    context = encryptionContext
  })
  await pipeline(
    Readable.from(generated(STREAM_BYTES), { objectMode: false }),
    before.stream,
    encryptStream(keyring, { encryptionContext: CONTEXT, frameLength: FRAME_BYTES }),
    message.stream,
    look,
    decrypting,
    after.stream,
    new Writable({ write: (_chunk, _encoding, done) => done() }),
  )
  expect([before.seen.bytes, after.seen.bytes]).toEqual([STREAM_BYTES, STREAM_BYTES])
  expect(after.seen.sha256()).toBe(before.seen.sha256())
  expect(message.seen.bytes).toBeGreaterThan(STREAM_BYTES)
  // The header tells what was encrypted for: the SDK leaves it to its user to look.
  expect(context).toMatchObject(CONTEXT)
  expect(mostHeldBytes).toBeLessThan(MAX_HELD_BYTES)
})

it('A message that was changed or cut off on its way is refused', async () => {
  const plaintext = Buffer.concat([...generated(3 * FRAME_BYTES)])
  const options = { encryptionContext: CONTEXT, frameLength: FRAME_BYTES }
  const { result } = await encrypt(keyring, plaintext, options)
  const changed = Buffer.from(result)
  const middle = Math.floor(result.length / 2)
  changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle)
  await expect(decrypt(keyring, changed)).rejects.toThrow(/authenticate/)
  await expect(decrypt(keyring, result.subarray(0, middle))).rejects.toThrow(/Incomplete message/)
  expect((await decrypt(keyring, result)).plaintext.equals(plaintext)).toBe(true)
})

it('A message under another encryption context is refused by the server', async () => {
  const { result } = await encrypt(keyring, 'a plaintext', { encryptionContext: CONTEXT })
  expect((await decrypt(keyring, result)).plaintext.toString()).toBe('a plaintext')
  const other = Buffer.from(result)
  other.write('archivE', other.indexOf('archive'))
  await expect(decrypt(keyring, other)).rejects.toThrow(/InvalidCiphertextException/)
})

it('A message is refused while its key is disabled', async () => {
  const { result } = await encrypt(keyring, 'a plaintext', { encryptionContext: CONTEXT })
  const operator = server.kms()
  await operator.send(new DisableKeyCommand({ KeyId }))
  const told = new RegExp(`${KeyId} is disabled`)
  await expect(encrypt(keyring, 'another')).rejects.toThrow(told)
  await expect(decrypt(keyring, result)).rejects.toThrow(told)
  await operator.send(new EnableKeyCommand({ KeyId }))
  expect((await decrypt(keyring, result)).plaintext.toString()).toBe('a plaintext')
})
