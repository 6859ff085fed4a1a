// A new root key on a running server of two workers, under load: nothing is lost, nobody is refused, and
// the old root key opens nothing any more.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlace } from '../config.ts'
import { beginUnsealing } from '../installation.ts'
import { protectedTables } from '../protected-tables.ts'
import { readRootKeyFile } from '../seal/file-seal.ts'
import type { ProtectedRow } from '../seal/protected-table.ts'
import type { RootKey } from '../seal/root-key.ts'
import { serverDialects } from '../services/cloudtrail/testing/server-dialects.ts'
import type { Storage } from '../storage/storage.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'

const WORKERS = [0, 1] as const
const PLAINTEXT = Buffer.from('from before every rotation')

/** Every row that a root key protects, and whether this one vouches for all of it. */
async function rowsUnder(storage: Storage, rootKey: RootKey) {
  const [whole, none]: string[][] = [[], []]
  for (const { table, key, macs, wrapped } of protectedTables) {
    if (macs === undefined && wrapped.length === 0) continue
    const { rows } = await sql<ProtectedRow>`select * from ${sql.table(table)}`.execute(
      storage.read,
    )
    for (const row of rows) {
      const name = `${table} ${key.map((column) => row[column]).join('/')}`
      const held = [
        ...(macs === undefined ? [] : [() => macs(rootKey).require(row as never)]),
        ...wrapped.map(({ column, label, binding }) => () => {
          rootKey.unwrap(label, binding(row), row[column] as Uint8Array).fill(0)
        }),
        ...('root_key_id' in row ? [() => expect(row.root_key_id).toBe(rootKey.id)] : []),
      ].map((check) => {
        try {
          check()
          return true
        } catch {
          return false
        }
      })
      if (held.every(Boolean)) whole?.push(name)
      if (held.every((holds) => !holds)) none?.push(name)
    }
  }
  return { whole: whole ?? [], none: none ?? [] }
}

describe.each(serverDialects)('The root key of a server on $name', ({ newDatabase }) => {
  let server: OperatedServer
  let remove: () => Promise<void>
  let keyId: string
  let blob: Uint8Array
  const rootKeyNow = () => readRootKeyFile(join(server.directory, 'root.key'))
  const status = async () => (await server.operator('GetSealStatus')).body
  async function decryptEverywhere() {
    for (const worker of WORKERS) {
      const { Plaintext } = await server
        .kms(worker)
        .send(new DecryptCommand({ CiphertextBlob: blob }))
      expect(Buffer.from(Plaintext ?? [])).toEqual(PLAINTEXT)
    }
  }

  beforeAll(async () => {
    const database = await newDatabase()
    remove = database.remove
    server = await operatedServer(database.options)
    await server.serving
    const kms = server.kms(0)
    const made = await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: 'a', TagValue: '1' }] }))
    keyId = made.KeyMetadata?.KeyId as string
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/old', TargetKeyId: keyId }))
    const encrypted = await kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: PLAINTEXT }))
    blob = encrypted.CiphertextBlob as Uint8Array
    // More than one piece of rows.
    for (let made = 0; made < 250; made += 25) {
      await Promise.all(Array.from({ length: 25 }, () => kms.send(new CreateKeyCommand())))
    }
  })
  afterAll(async () => {
    await server.close()
    await remove()
  })

  /** Calls of all kinds on both workers until told to stop; answers how many there were, and what failed. */
  function load() {
    let running = true
    let calls = 0
    const failures: unknown[] = []
    const loops = [...WORKERS, ...WORKERS].map(async (worker) => {
      const kms = server.kms(worker)
      for (let round = 0; running; round++) {
        try {
          const made = await kms.send(new CreateKeyCommand())
          const KeyId = made.KeyMetadata?.KeyId as string
          const Tags = [{ TagKey: 'round', TagValue: String(round) }]
          await kms.send(new TagResourceCommand({ KeyId, Tags }))
          const { CiphertextBlob } = await kms.send(
            new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }),
          )
          await server
            .kms(worker === 0 ? 1 : 0)
            .send(new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array }))
          await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
          calls += 5
        } catch (error) {
          failures.push(error)
          running = false
        }
      }
    })
    return async () => {
      running = false
      await Promise.all(loops)
      return { calls, failures }
    }
  }

  it('is rotated under load, twice: nobody is refused, and all of it is under the new one', async () => {
    for (const generation of [2, 3]) {
      const old = rootKeyNow()
      const before = await rowsUnder(server.storage, old)
      expect(before.whole.length).toBeGreaterThan(250)
      const stop = load()
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { status: code, body, requestId } = await server.operator('RotateRootKey')
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { calls, failures } = await stop()
      expect(failures).toEqual([])
      expect(calls).toBeGreaterThan(10)

      const next = rootKeyNow()
      expect(next.id).not.toBe(old.id)
      expect([code, body]).toEqual([
        200,
        {
          RootKeyId: next.id,
          Generation: generation,
          Rows: expect.any(Number),
          PreviousRootKeyId: old.id,
          OldSeal: join(server.directory, 'old-seals', `${old.id}.key`),
        },
      ])
      expect(readRootKeyFile(body.OldSeal as string).id).toBe(old.id)
      expect(await status()).toMatchObject({ RootKeyId: next.id, Generation: generation })
      const [underNext, underOld] = [
        await rowsUnder(server.storage, next),
        await rowsUnder(server.storage, old),
      ]
      expect(underNext.whole).toEqual(expect.arrayContaining(before.whole))
      expect(underOld.whole).toEqual([])
      expect(underOld.none.length).toBe(underNext.whole.length)
      expect(body.Rows).toBeLessThanOrEqual(underNext.whole.length)
      await decryptEverywhere()
      const records = (await server.records()).filter(({ requestID }) => requestID === requestId)
      expect(records).toMatchObject([
        {
          eventName: 'RotateRootKey',
          userIdentity: { type: 'Operator' },
          responseElements: { rootKeyId: next.id, previousRootKeyId: old.id, generation },
        },
      ])
    }
  })

  it('stays in its file alone: nothing of a rotation is left beside it', () => {
    const names = readdirSync(server.directory)
    expect(names.filter((file) => file.includes('next'))).toEqual([])
    expect(readdirSync(join(server.directory, 'old-seals'))).toHaveLength(2)
  })

  it('is rotated by one of two commands at one moment; the other one is told so', async () => {
    const { Generation } = await status()
    const answers = await Promise.all([
      server.operator('RotateRootKey'),
      server.operator('RotateRootKey'),
    ])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400])
    const refused = answers.find((answer) => answer.status === 400)
    expect(refused?.body).toMatchObject({
      __type: 'InvalidSealException',
      message: 'The root key is being rotated already.',
    })
    expect(await status()).toMatchObject({ Generation: Number(Generation) + 1 })
    await decryptEverywhere()
  })

  it('does not get a seal that was made for the one before', async () => {
    const made = await server.operator('MigrateSeal', { Kind: 'shares', Shares: 3, Threshold: 2 })
    expect((await server.operator('RotateRootKey')).status).toBe(200)
    const late = await server.operator('ConfirmSeal', { Set: made.body.Set })
    expect([late.status, late.body.__type]).toEqual([400, 'InvalidSealException'])
    expect(late.body.message).toContain('The root key was rotated meanwhile')
    expect(existsSync(join(server.directory, 'seal.json'))).toBe(false)
    expect((await status()).RootKeyId).toBe(rootKeyNow().id)
  })

  it('is the one in its seal, whether that is changed before or after', async () => {
    const Passphrase = 'six random words or so'
    const [migrated, rotated] = await Promise.all([
      server.operator('MigrateSeal', { Kind: 'passphrase', Passphrase }),
      server.operator('RotateRootKey'),
    ])
    expect([migrated.status, rotated.status]).toContain(200)
    const unsealing = beginUnsealing(readPlace({ data: server.directory }))
    await unsealing.offer({ kind: 'passphrase', text: Buffer.from(Passphrase) })
    expect((await unsealing.rootKey).id).toBe((await status()).RootKeyId)
    expect((await server.operator('MigrateSeal', { Kind: 'file' })).status).toBe(200)
    expect((await status()).RootKeyId).toBe(rootKeyNow().id)
    await decryptEverywhere()
  })

  it('stays where a row is not of this server, and nothing was changed', async () => {
    const before = readFileSync(join(server.directory, 'root.key'))
    const { Generation } = await status()
    const set = (policy: string) =>
      server.storage.write((tx) =>
        (tx.db as unknown as Kysely<Record<string, Record<string, string>>>)
          .updateTable('kms_keys')
          .set({ policy })
          .where('key_id', '=', keyId)
          .execute(),
      )
    const { policy } = (await (
      server.storage.read as unknown as Kysely<Record<string, Record<string, string>>>
    )
      .selectFrom('kms_keys')
      .select('policy')
      .where('key_id', '=', keyId)
      .executeTakeFirstOrThrow()) as { policy: string }
    await set('{}')
    const refused = await server.operator('RotateRootKey')
    expect([refused.status, refused.body.__type]).toEqual([400, 'RootKeyNotRotatedException'])
    expect(refused.body.message).toContain(`111122223333/us-east-1/${keyId} of kms_keys`)
    expect(readFileSync(join(server.directory, 'root.key'))).toEqual(before)
    expect(readdirSync(server.directory).filter((file) => file.includes('next'))).toEqual([])
    expect((await status()).Generation).toBe(Generation)
    await set(policy)
    await decryptEverywhere()
    expect((await server.operator('RotateRootKey')).status).toBe(200)
    await decryptEverywhere()
  })
})
