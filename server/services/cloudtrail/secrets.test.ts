// Nothing secret stands in any file, any row or any line of the log: every byte is searched for it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateRandomCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { filesIn, search, tablesIn } from '../../testing/secret-search.ts'
import { sendSigned } from '../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../testing/test-server.ts'
import { recordedCalls } from './testing/recorded.ts'
import { serverDialects } from './testing/server-dialects.ts'

/** Where a secret has its place: nowhere else may it stand. */
const ITS_PLACE: Record<string, string> = {
  'the root key': 'root.key',
  'the secret access key': 'credentials.json',
}

/** Uses everything that could be told on, well and badly; gives the secrets by name. */
async function useSecrets(server: TestServer): Promise<Map<string, Buffer>> {
  const kms = server.kms()
  const plaintext = Buffer.from('a plaintext that nobody may see: 0123456789')
  const { KeyMetadata } = await kms.send(new CreateKeyCommand())
  const KeyId = KeyMetadata?.KeyId
  const EncryptionContext = { app: 'web' }
  const sealed = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: plaintext, EncryptionContext }),
  )
  const { CiphertextBlob } = sealed
  await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  const dataKey = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
  const random = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }))
  const base64 = plaintext.toString('base64')
  for (const body of [
    `{"KeyId":"${KeyId}","Plaintext":"${base64}","EncryptionContext":{"a":1}}`,
    `{"KeyId":"${KeyId}","Plaintext":"${base64}-"}`,
    `{"KeyId":"${KeyId}","Plaintext":"${base64}"`,
    `{"KeyId":"nobody","Plaintext":"${base64}","DryRun":true}`,
    `{"Plaintext":"${base64}"}`,
  ]) {
    expect((await sendSigned(server, 'Encrypt', body)).status).toBe(400)
  }
  const wrong = `{"CiphertextBlob":"${Buffer.from(CiphertextBlob ?? []).toString('base64')}"}`
  expect((await sendSigned(server, 'Decrypt', wrong)).status).toBe(400)
  expect((await sendSigned(server, 'Decrypt', wrong, 'no secret')).status).toBe(400)
  const rootKeyFile = readFileSync(join(server.directory, 'root.key'))
  const bytes = (value: Uint8Array | undefined) => Buffer.from(value ?? [])
  return new Map([
    ['a plaintext', plaintext],
    ['a ciphertext', bytes(CiphertextBlob)],
    ['a data key', bytes(dataKey.Plaintext)],
    ['a data key under its key', bytes(dataKey.CiphertextBlob)],
    ['random bytes', bytes(random.Plaintext)],
    // magic (19 bytes) ‖ id (16) ‖ key (32) ‖ check (8)
    ['the root key', rootKeyFile.subarray(35, 67)],
    ['the secret access key', Buffer.from(server.credentials.secretAccessKey)],
  ])
}

describe.each(serverDialects)('A server on $name', ({ newDatabase }) => {
  it('tells nothing secret, in files, rows, log lines and records', async () => {
    const { options, remove } = await newDatabase()
    const server = await testServer(options)
    try {
      const secrets = await useSecrets(server)
      expect((await recordedCalls(server)).length).toBeGreaterThanOrEqual(11)
      const places = new Map([
        ...filesIn(server.directory),
        ...(options.database === undefined ? [] : await tablesIn(options.database)),
        ['the log', Buffer.from(server.logged.join(''))],
      ])
      expect(search(places, secrets, ITS_PLACE)).toEqual([])
      // The search finds what is there: each secret in its place, and the trail where it should be.
      for (const [secret, place] of Object.entries(ITS_PLACE)) {
        expect(places.get(place)?.includes(secrets.get(secret) ?? 'x')).toBe(true)
      }
      const all = Buffer.concat([...places.values()])
      expect(all.includes('"eventName":"GenerateDataKey"')).toBe(true)
    } finally {
      await server.close()
      await remove()
    }
  })
})

it('The search finds a secret in every form and at every offset', () => {
  const secret = Buffer.from('sixteen bytes or more')
  for (const shift of [0, 1, 2]) {
    const around = Buffer.concat([Buffer.alloc(shift, 'x'), secret, Buffer.from('behind it')])
    for (const content of [around, around.toString('hex'), around.toString('base64')]) {
      const places = new Map([['here', Buffer.from(content)]])
      expect(search(places, new Map([['s', secret]]))).toHaveLength(1)
    }
  }
})
