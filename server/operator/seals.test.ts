// A server sealed by shares, from its start to another seal, as its operators see it: through the socket.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlace } from '../config.ts'
import { beginUnsealing } from '../installation.ts'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'
import { refusalOf } from '../testing/refusal.ts'
import { filesIn, search } from '../testing/secret-search.ts'

const PASSPHRASE = 'eight random words would be even better here'

let server: OperatedServer
/** Everything that nobody may find anywhere. */
const secrets = new Map<string, Buffer>()
function keepInMind(shares: readonly string[]): void {
  for (const text of shares) {
    const [, , set = '', hex = ''] = text.split('-')
    secrets.set(`share ${set} ${hex.slice(0, 4)}`, Buffer.from(hex, 'hex'))
    secrets.set(`text of share ${set} ${hex.slice(0, 4)}`, Buffer.from(text))
  }
}

beforeAll(async () => {
  server = await operatedServer({ seal: 'shares' })
  keepInMind(server.shares)
  secrets.set('the secret access key', Buffer.from(server.credentials.secretAccessKey))
  secrets.set('the passphrase', Buffer.from(PASSPHRASE))
})
afterAll(() => server.close())

const status = async () => (await server.operator('GetSealStatus')).body
const unseal = (Share: string) => server.operator('Unseal', { Share })
const health = async (worker: 0 | 1) => {
  const response = await fetch(`${server.endpoints[worker]}/health`)
  return { status: response.status, body: await response.json() }
}
/** Whether the seal in the directory opens with these shares. */
async function opens(shares: readonly string[]): Promise<boolean> {
  const unsealing = beginUnsealing(readPlace({ data: server.directory }))
  for (const share of shares) {
    await unsealing.offer({ kind: 'share', text: Buffer.from(share) }).catch(() => {})
  }
  return !unsealing.progress().sealed
}

describe('a sealed server', () => {
  it('answers 503 to every caller, and its health says why', async () => {
    for (const worker of [0, 1] as const) {
      const refused = await refusalOf(server.kms(worker).send(new ListKeysCommand()))
      expect(refused).toMatchObject({ name: 'ServiceUnavailableException', status: 503 })
      expect(await health(worker)).toEqual({
        status: 503,
        body: {
          live: true,
          ready: false,
          parts: expect.objectContaining({ seal: 'failing' }),
          why: { seal: 'sealed: keyhold unseal' },
        },
      })
    }
  })

  it('does nothing for its operator but unseal', async () => {
    for (const operation of [
      'CreateAccount',
      'ListAccounts',
      'RotateCredentials',
      'MigrateSeal',
      'ConfirmSeal',
      'GetTrailKey',
    ]) {
      const answer = await server.operator(operation, { AccountId: '222233334444', Kind: 'file' })
      expect([operation, answer.status, answer.body]).toEqual([
        operation,
        503,
        {
          __type: 'SealedException',
          message: 'The server is sealed. Unseal it with: keyhold unseal',
        },
      ])
    }
    expect(readdirSync(server.directory)).not.toContain('root.key')
    expect(existsSync(join(server.directory, 'trail'))).toBe(false)
  })

  it('tells how far it got, counts no share that it refuses, and refuses what it cannot read', async () => {
    const [first, second] = server.shares as [string, string]
    const sealed = { Kind: 'shares', Sealed: true, Needed: 3, Failures: 0 }
    expect(await status()).toEqual({ ...sealed, Given: 0 })
    expect((await unseal(first)).body).toEqual({ ...sealed, Given: 1 })
    for (const [share, why] of [
      [first, 'given already'],
      [`${second.slice(0, -1)}x`, 'no share'],
      ['', 'no share'],
    ] as const) {
      const { status: code, body } = await unseal(share)
      expect([code, body.__type]).toEqual([400, 'UnsealFailedException'])
      expect(body.message).toContain(why)
    }
    const wrongKind = await server.operator('Unseal', { Passphrase: PASSPHRASE })
    expect(wrongKind.body.message).toBe('This server is sealed by shares.')
    for (const broken of ['{"Share":7}', '{"Share":', '[]']) {
      const { status: code, body } = await server.operator('Unseal', broken)
      expect([code, body.__type]).toEqual([400, 'SerializationException'])
    }
    expect(await status()).toEqual({ ...sealed, Given: 1 })
    expect((await server.operator('Unseal', { Reset: true })).body).toEqual({ ...sealed, Given: 0 })
  })

  it('stays sealed and forgets all shares when they do not belong together', async () => {
    const { sha256 } = await import('../crypto/digest.ts')
    const [first, second, third] = server.shares as [string, string, string]
    const [, , set = '', hex = ''] = third.split('-')
    const bytes = Buffer.from(hex, 'hex')
    bytes[0] = (bytes[0] as number) ^ 1
    const check = sha256('keyhold/1/share\0', set, bytes).subarray(0, 4).toString('hex')
    await unseal(first)
    await unseal(second)
    const { status: code, body } = await unseal(
      `keyhold-share-${set}-${bytes.toString('hex')}-${check}`,
    )
    expect([code, body.__type]).toEqual([400, 'UnsealFailedException'])
    expect(await status()).toMatchObject({ Sealed: true, Given: 0, Failures: 1 })
    expect((await health(0)).status).toBe(503)
  })

  it('is unsealed by three people, who come at the same moment, and serves in every worker', async () => {
    const answers = await Promise.all(server.shares.slice(1, 4).map(unseal))
    expect(answers.map(({ body }) => body.Sealed)).toEqual([true, true, false])
    const rootKey = await server.serving
    secrets.set(
      'the root key',
      rootKey.lend((bytes) => Buffer.from(bytes)),
    )
    for (const worker of [0, 1] as const) {
      expect((await server.kms(worker).send(new ListKeysCommand())).Keys).toEqual([])
      expect(await health(worker)).toMatchObject({ status: 200, body: { ready: true } })
    }
    await server.kms(0).send(new CreateKeyCommand())
    // The one that unsealed is recorded; what came before could not be.
    const unsealings = (await server.records()).filter(({ eventName }) => eventName === 'Unseal')
    expect(unsealings).toMatchObject([
      {
        userIdentity: { type: 'Operator' },
        requestParameters: null,
        responseElements: { kind: 'shares', failures: 1 },
      },
    ])
  })

  it('takes no further share, and records that one was given', async () => {
    const { body } = await unseal(server.shares[4] as string)
    expect(body).toMatchObject({ Sealed: false, Failures: 1 })
  })
})

describe('the seal of a running server', () => {
  let newShares: string[] = []

  it('becomes one of new shares only when these are confirmed', async () => {
    const made = await server.operator('MigrateSeal', { Kind: 'shares', Shares: 3, Threshold: 2 })
    newShares = made.body.Shares as string[]
    keepInMind(newShares)
    expect(made.body).toEqual({
      Kind: 'shares',
      Shares: expect.any(Array),
      Set: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    // Nobody may have them yet: the old seal counts.
    expect(await opens(server.shares.slice(0, 3))).toBe(true)
    expect(await opens(newShares.slice(0, 2))).toBe(false)
    const wrong = await server.operator('ConfirmSeal', { Set: '0'.repeat(16) })
    expect([wrong.status, wrong.body.__type]).toEqual([400, 'InvalidSealException'])
    const confirmed = await server.operator('ConfirmSeal', { Set: made.body.Set })
    expect([confirmed.status, confirmed.body]).toEqual([200, { Kind: 'shares' }])
    expect(await opens(server.shares.slice(0, 3))).toBe(false)
    expect(await opens(newShares.slice(1, 3))).toBe(true)
    expect(await status()).toMatchObject({ Kind: 'shares', Sealed: false, Needed: 2 })
    const twice = await server.operator('ConfirmSeal', { Set: made.body.Set })
    expect(twice.body.__type).toBe('InvalidSealException')
    const records = await server.records()
    const [migrated] = records.filter(({ requestID }) => requestID === made.requestId)
    expect(migrated).toMatchObject({
      requestParameters: { kind: 'shares', shares: 3, threshold: 2 },
      responseElements: { kind: 'shares', set: made.body.Set },
    })
    expect(records.filter(({ requestID }) => requestID === confirmed.requestId)).toHaveLength(1)
  })

  it('is not confirmed with shares that a later one replaced', async () => {
    const first = await server.operator('MigrateSeal', { Kind: 'shares' })
    const second = await server.operator('MigrateSeal', { Kind: 'shares' })
    keepInMind([...(first.body.Shares as string[]), ...(second.body.Shares as string[])])
    const { body } = await server.operator('ConfirmSeal', { Set: first.body.Set })
    expect(body.__type).toBe('InvalidSealException')
    expect(await opens(newShares.slice(0, 2))).toBe(true)
  })

  it('becomes a passphrase, and the status says so', async () => {
    for (const Passphrase of ['', 'too short', undefined]) {
      const { status: code } = await server.operator('MigrateSeal', {
        Kind: 'passphrase',
        Passphrase,
      })
      expect(code).toBe(400)
    }
    expect((await status()).Kind).toBe('shares')
    const { body } = await server.operator('MigrateSeal', {
      Kind: 'passphrase',
      Passphrase: PASSPHRASE,
    })
    expect(body).toEqual({ Kind: 'passphrase', Shares: [] })
    expect(await status()).toMatchObject({ Kind: 'passphrase', Sealed: false, Needed: 0 })
    const unsealing = beginUnsealing(readPlace({ data: server.directory }))
    const offer = { kind: 'passphrase', text: Buffer.from(PASSPHRASE) } as const
    expect(await unsealing.offer(offer)).toMatchObject({ sealed: false })
    expect((await unsealing.rootKey).id).toBe((await server.serving).id)
  })

  it('refuses what is no seal', async () => {
    for (const input of [
      { Kind: 'paper' },
      { Kind: '' },
      { Kind: 'shares', Shares: 2, Threshold: 3 },
    ]) {
      const { status: code, body } = await server.operator('MigrateSeal', input)
      expect([code, body.__type]).toEqual([400, 'InvalidSealException'])
    }
    expect((await status()).Kind).toBe('passphrase')
  })

  it('and all that was said about it stand nowhere: in no file, no record and no line of the log', async () => {
    // One record each, whatever became of them.
    const records = await server.records()
    const ids = records.map(({ requestID }) => requestID)
    expect(new Set(ids).size).toBe(ids.length)
    expect(records.filter(({ eventName }) => eventName === 'MigrateSeal')).toHaveLength(10)
    const places = new Map([
      ...filesIn(server.directory),
      ['the log', Buffer.from(server.logged.join(''))],
    ])
    expect(secrets.size).toBeGreaterThan(20)
    const itsPlace = { 'the secret access key': 'credentials.json' }
    expect(search(places, secrets, itsPlace)).toEqual([])
  })

  it('becomes a file again, with the same root key', async () => {
    const { body } = await server.operator('MigrateSeal', { Kind: 'file' })
    expect(body).toEqual({ Kind: 'file', Shares: [] })
    expect(existsSync(join(server.directory, 'seal.json'))).toBe(false)
    const root = readRootKeyFile(join(server.directory, 'root.key'))
    expect(root.id).toBe((await server.serving).id)
    const file = readFileSync(join(server.directory, 'root.key'))
    expect(search(new Map([['root.key', file]]), secrets)).toEqual([
      { secret: 'the root key', where: 'root.key', form: 'raw' },
    ])
    expect(await status()).toMatchObject({ Kind: 'file' })
    // Again, with nothing to change: there is always a root key.
    expect((await server.operator('MigrateSeal', { Kind: 'file' })).status).toBe(200)
    expect(readRootKeyFile(join(server.directory, 'root.key')).id).toBe(root.id)
  })

  it('tells the key that verifies the trail', async () => {
    const { body } = await server.operator('GetTrailKey')
    const publicKey = Buffer.from(String(body.PublicKey), 'base64')
    // DER SubjectPublicKeyInfo of Ed25519: 12 bytes, then 32 of the key (RFC 8410 §4).
    expect(publicKey).toHaveLength(44)
    expect(publicKey.subarray(0, 12).toString('hex')).toBe('302a300506032b6570032100')
    const { openChainRegister } = await import('../services/cloudtrail/chain-store.ts')
    expect((await openChainRegister(server.storage).list()).length).toBeGreaterThanOrEqual(3)
  })
})
