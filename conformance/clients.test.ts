// What the AWS CLI, boto3 and the JavaScript SDK get from a running server, each by itself and mixed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awsCli, boto3, javascriptSdk, type OfficialClient } from './official-clients.ts'
import { type Credentials, newDirectory, type Running, startServer } from './server-program.ts'

const PLAINTEXT = Buffer.from('correct horse battery staple').toString('base64')
const CONTEXT = { app: 'web', note: 'Grüße, 世界' }

const all = [awsCli, boto3, javascriptSdk]
const installed = all.filter(({ missing }) => missing === undefined)
for (const { name, missing } of all) {
  if (missing)
    process.stderr.write(`\n${missing} is not installed: the tests of ${name} are SKIPPED\n`)
}

const directory = newDirectory()
let server: Running
let who: Credentials
beforeAll(async () => {
  server = await startServer(directory.path)
  who = { ...server.credentials, endpoint: server.endpoint }
})
afterAll(async () => {
  for (const client of all) client.end()
  await server.stop()
  directory.remove()
})

async function create(client: OfficialClient): Promise<string> {
  const { output } = await client.call(who, 'CreateKey', { Description: client.name })
  const { KeyMetadata } = output as unknown as { KeyMetadata: { KeyId: string } }
  return KeyMetadata.KeyId
}

async function encrypt(client: OfficialClient, KeyId: string): Promise<string> {
  const input = { KeyId, Plaintext: PLAINTEXT, EncryptionContext: CONTEXT }
  const { output } = await client.call(who, 'Encrypt', input)
  return (output as unknown as { CiphertextBlob: string }).CiphertextBlob
}

describe.each(all)('$name', (client) => {
  const test = it.skipIf(client.missing !== undefined)

  test('makes a key, encrypts under it and decrypts', async () => {
    const key = await create(client)
    const CiphertextBlob = await encrypt(client, key)
    expect(Buffer.from(CiphertextBlob, 'base64').includes('correct horse')).toBe(false)
    const input = { CiphertextBlob, EncryptionContext: CONTEXT }
    const { output } = await client.call(who, 'Decrypt', input)
    expect(output).toMatchObject({ Plaintext: PLAINTEXT, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
  })

  test('is refused the plaintext with another context', async () => {
    const CiphertextBlob = await encrypt(client, await create(client))
    for (const context of [{ app: 'web' }, { ...CONTEXT, app: 'api' }]) {
      const input = { CiphertextBlob, EncryptionContext: context }
      expect(await client.call(who, 'Decrypt', input)).toMatchObject({
        error: 'InvalidCiphertextException',
      })
    }
  })

  test('is refused while the key is disabled', async () => {
    const KeyId = await create(client)
    const CiphertextBlob = await encrypt(client, KeyId)
    expect(await client.call(who, 'DisableKey', { KeyId })).toEqual({ output: {} })
    const decrypting = { CiphertextBlob, EncryptionContext: CONTEXT }
    const refused = { error: 'DisabledException' }
    expect(await client.call(who, 'Decrypt', decrypting)).toMatchObject(refused)
    expect(await client.call(who, 'Encrypt', { KeyId, Plaintext: PLAINTEXT })).toMatchObject(
      refused,
    )
    await client.call(who, 'EnableKey', { KeyId })
    expect((await client.call(who, 'Decrypt', decrypting)).output).toBeDefined()
  })

  test('is refused with a wrong secret, and with an access key that is not there', async () => {
    const wrong = { ...who, secretAccessKey: who.secretAccessKey.replace(/^./, '~') }
    const nobody = { ...who, accessKeyId: 'AKIANOBODYKNOWSTHIS1' }
    const elsewhere = { ...who, region: 'eu-west-1' }
    for (const [caller, error] of [
      [wrong, 'InvalidSignatureException'],
      [nobody, 'UnrecognizedClientException'],
      [elsewhere, 'InvalidSignatureException'],
    ] as const) {
      expect(await client.call(caller, 'ListKeys', {})).toMatchObject({ error })
    }
  })

  test('hears who it is', async () => {
    const { output } = await client.call(who, 'GetCallerIdentity', {})
    expect(output).toEqual({
      UserId: who.accountId,
      Account: who.accountId,
      Arn: `arn:aws:iam::${who.accountId}:root`,
    })
  })
})

it('What one client encrypted every other decrypts', async () => {
  for (const writer of installed) {
    const CiphertextBlob = await encrypt(writer, await create(writer))
    for (const reader of installed) {
      const input = { CiphertextBlob, EncryptionContext: CONTEXT }
      const { output } = await reader.call(who, 'Decrypt', input)
      expect(output).toMatchObject({ Plaintext: PLAINTEXT })
    }
  }
})

it.skipIf(boto3.missing !== undefined)(
  'a URL that boto3 presigned says who made it, until it is changed',
  async () => {
    const { output } = await boto3.call(who, 'GeneratePresignedUrl', {
      ClientMethod: 'get_caller_identity',
      ExpiresIn: 60,
      HttpMethod: 'GET',
    })
    const { Url } = output as unknown as { Url: string }
    const answer = await fetch(Url)
    expect(await answer.text()).toContain('<GetCallerIdentityResult>')
    expect(answer.status).toBe(200)
    expect((await fetch(Url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'))).status).toBe(403)
  },
)
