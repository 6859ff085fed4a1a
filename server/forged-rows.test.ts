// Whoever can write the database, but has no root key, still cannot grant: on both databases.
import { join } from 'node:path'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { protectedTables } from './protected-tables.ts'
import { adoptRows, countRowsWithoutMac } from './row-adoption-store.ts'
import { readRootKeyFile } from './seal/file-seal.ts'
import { asSuperuser, dialects } from './storage/testing/dialects.ts'
import { addOtherAccount, OTHER_ACCOUNT } from './testing/other-account.ts'
import { refusalOf } from './testing/refusal.ts'
import { type TestServer, testServer } from './testing/test-server.ts'

const DATABASE = `forged_${process.pid}_${Date.now()}`
const INTERNAL = { name: 'KMSInternalException', status: 500 }

describe.each(dialects)('On $name', (dialect) => {
  let server: TestServer
  let keyId: string

  beforeAll(async () => {
    const database = await newDatabase(dialect.name)
    server = await testServer(database === undefined ? {} : { database })
  })
  afterAll(async () => {
    await server?.close()
    if (dialect.name === 'postgres') await asSuperuser(`drop database ${DATABASE} with (force)`)
  })
  beforeEach(async () => {
    const { KeyMetadata } = await server.kms().send(new CreateKeyCommand())
    keyId = KeyMetadata?.KeyId as string
  })

  // biome-ignore lint/suspicious/noExplicitAny: somebody else's statements know no types.
  type Foreign = Kysely<any>

  /** What somebody does to the database past every server; all caches hear of it. */
  const tamper = (work: (db: Foreign) => Promise<unknown>) =>
    server.storage.write(async (tx) => {
      await work(tx.db as unknown as Foreign)
      await tx.announce('kms/key', `111122223333/us-east-1/${keyId}`)
      await tx.announce('kms/alias', '111122223333/us-east-1/alias/victim')
      await tx.announce('iam/access-key', server.credentials.accessKeyId)
    })
  const setKey = (values: object) =>
    tamper((db) => db.updateTable('kms_keys').set(values).where('key_id', '=', keyId).execute())
  const rowOf = (id: string) =>
    (server.storage.read as unknown as Foreign)
      .selectFrom('kms_keys')
      .selectAll()
      .where('key_id', '=', id)
      .executeTakeFirstOrThrow()
  const describeKey = (id = keyId) => server.kms().send(new DescribeKeyCommand({ KeyId: id }))
  const refused = (id = keyId) => refusalOf(describeKey(id))

  describe('a key', () => {
    it.each<[string, object]>([
      ['its policy', { policy: '{}' }],
      ['its state', { state: 'Disabled' }],
      ['its description', { description: 'harmless' }],
      ['its material', { material_id: 'ab'.repeat(32) }],
      ['its usage', { key_usage: 'SIGN_VERIFY' }],
      ['its spec', { key_spec: 'RSA_4096' }],
      ['its version', { version: 99 }],
      ['its creation', { created_at_ms: 1 }],
      ['its deletion', { deletes_at_ms: 1 }],
      ['its rotation', { next_rotation_at_ms: 1, rotation_period_days: 90 }],
      ['its rotation on demand', { on_demand_rotation_at_ms: 1 }],
      ['its MAC', { mac: Buffer.alloc(32) }],
      ['that it has a MAC', { mac: null }],
    ])('of which somebody changed %s is refused, and the log names it', async (_what, values) => {
      expect((await describeKey()).KeyMetadata?.KeyId).toBe(keyId)
      await setKey(values)
      expect(await refused()).toMatchObject(INTERNAL)
      const kms = server.kms()
      const encrypt = kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x') }))
      expect(await refusalOf(encrypt)).toMatchObject(INTERNAL)
      const line = server.logged.findLast((text) => text.includes('its MAC does not verify'))
      expect(line).toContain(`111122223333/us-east-1/${keyId} of kms_keys`)
    })

    it('that somebody enabled again is refused', async () => {
      await server.kms().send(new DisableKeyCommand({ KeyId: keyId }))
      await setKey({ state: 'Enabled' })
      expect(await refused()).toMatchObject(INTERNAL)
    })

    it('with the MAC of another, or put in the place of another, is refused', async () => {
      const other = (await server.kms().send(new CreateKeyCommand())).KeyMetadata?.KeyId as string
      const { mac, policy, material_id } = await rowOf(other)
      await setKey({ mac })
      expect(await refused()).toMatchObject(INTERNAL)
      await setKey({ mac, policy, material_id })
      expect(await refused()).toMatchObject(INTERNAL)
    })

    it('that somebody gave to another account is refused there', async () => {
      const credentials = await addOtherAccount(server)
      await tamper(async (db) => {
        const row = await db
          .selectFrom('kms_keys')
          .selectAll()
          .where('key_id', '=', keyId)
          .executeTakeFirstOrThrow()
        await db
          .insertInto('kms_keys')
          .values({ ...row, account: OTHER_ACCOUNT })
          .execute()
      })
      const stolen = server.kms({ credentials }).send(new DescribeKeyCommand({ KeyId: keyId }))
      expect(await refusalOf(stolen)).toMatchObject(INTERNAL)
      expect((await describeKey()).KeyMetadata?.AWSAccountId).toBe('111122223333')
    })

    it('that was changed behind a change is refused after it', async () => {
      await describeKey()
      // No announcement: this process still has the row as it was.
      await server.storage.write((tx) =>
        (tx.db as unknown as Foreign)
          .updateTable('kms_keys')
          .set({ policy: '{}' })
          .where('key_id', '=', keyId)
          .execute(),
      )
      await server.kms().send(new DisableKeyCommand({ KeyId: keyId }))
      expect(await refused()).toMatchObject(INTERNAL)
    })

    it('that nobody touched goes on beside it, and is listed', async () => {
      await setKey({ policy: '{}' })
      const other = (await server.kms().send(new CreateKeyCommand())).KeyMetadata?.KeyId as string
      expect((await describeKey(other)).KeyMetadata?.KeyId).toBe(other)
      const { Keys } = await server.kms().send(new ListKeysCommand({ Limit: 1000 }))
      expect(Keys?.map(({ KeyId }) => KeyId)).toContain(other)
    })
  })

  it('an alias that somebody let stand for another key is refused', async () => {
    const kms = server.kms()
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/victim', TargetKeyId: keyId }))
    expect((await describeKey('alias/victim')).KeyMetadata?.KeyId).toBe(keyId)
    const trap = (await kms.send(new CreateKeyCommand())).KeyMetadata?.KeyId
    await tamper((db) => db.updateTable('kms_aliases').set({ key_id: trap }).execute())
    expect(await refused('alias/victim')).toMatchObject(INTERNAL)
  })

  describe('a tag', () => {
    const tagsOf = () => server.kms().send(new ListResourceTagsCommand({ KeyId: keyId }))
    const setTag = (values: object) =>
      tamper((db) => db.updateTable('kms_tags').set(values).where('key_id', '=', keyId).execute())
    beforeEach(async () => {
      const Tags = [{ TagKey: 'stage', TagValue: 'test' }]
      await server.kms().send(new TagResourceCommand({ KeyId: keyId, Tags }))
      expect((await tagsOf()).Tags).toEqual(Tags)
    })

    it.each<[string, object]>([
      ['its value', { tag_value: 'production' }],
      ['its key', { tag_key: 'team' }],
      ['its MAC', { mac: Buffer.alloc(32) }],
      ['that it has a MAC', { mac: null }],
    ])('of which somebody changed %s is refused, and the log names it', async (_what, values) => {
      await setTag(values)
      expect(await refusalOf(tagsOf())).toMatchObject(INTERNAL)
      const line = server.logged.findLast((text) => text.includes('its MAC does not verify'))
      expect(line).toContain(`111122223333/us-east-1/${keyId}/`)
      expect(line).toContain('of kms_tags')
    })

    it('that somebody gave to another key is refused there', async () => {
      const other = (await server.kms().send(new CreateKeyCommand())).KeyMetadata?.KeyId
      await setTag({ key_id: other })
      const listed = server.kms().send(new ListResourceTagsCommand({ KeyId: other }))
      expect(await refusalOf(listed)).toMatchObject(INTERNAL)
    })

    it('that somebody changed is not healed by tagging anew: who may is a matter of tags, too', async () => {
      await setTag({ tag_value: 'production' })
      const Tags = [{ TagKey: 'stage', TagValue: 'tested' }]
      const tagged = server.kms().send(new TagResourceCommand({ KeyId: keyId, Tags }))
      expect(await refusalOf(tagged)).toMatchObject(INTERNAL)
      await setTag({ tag_value: 'test' })
      await server.kms().send(new TagResourceCommand({ KeyId: keyId, Tags }))
      expect((await tagsOf()).Tags).toEqual(Tags)
    })
  })

  it('an access key of which somebody changed anything signs for nobody', async () => {
    const { accessKeyId } = server.credentials
    const set = (values: object) =>
      tamper((db) =>
        db
          .updateTable('iam_access_keys')
          .set(values)
          .where('access_key_id', '=', accessKeyId)
          .execute(),
      )
    const row = await (server.storage.read as unknown as Foreign)
      .selectFrom('iam_access_keys')
      .selectAll()
      .where('access_key_id', '=', accessKeyId)
      .executeTakeFirstOrThrow()
    for (const values of [
      { status: 'Inactive' },
      { principal: 'admin' },
      { created_at_ms: 1 },
      { mac: null },
      { mac: Buffer.alloc(32) },
    ]) {
      await set(values)
      expect(await refusalOf(server.kms().send(new ListKeysCommand()))).toMatchObject({
        name: 'ServiceUnavailableException',
        status: 503,
      })
      const line = server.logged.findLast((text) => text.includes('its MAC does not verify'))
      expect(line).toContain(`${accessKeyId} of iam_access_keys`)
      await set(row)
    }
    await server.kms().send(new ListKeysCommand())
  })

  it('rows without a MAC are believed once an operator adopts them, and forged ones never', async () => {
    const root = readRootKeyFile(join(server.directory, 'root.key'))
    const { KeyMetadata } = await server.kms().send(new CreateKeyCommand())
    const forged = KeyMetadata?.KeyId as string
    await tamper((db) =>
      db.updateTable('kms_keys').set({ policy: '{}' }).where('key_id', '=', forged).execute(),
    )
    const tagged = (await server.kms().send(new CreateKeyCommand())).KeyMetadata?.KeyId as string
    await tamper((db) => db.updateTable('kms_aliases').set({ mac: null }).execute())
    await tamper((db) => db.updateTable('iam_accounts').set({ mac: null }).execute())
    await setKey({ mac: null })
    await tamper((db) => db.deleteFrom('kms_tags').execute())
    const Tags = [{ TagKey: 'old', TagValue: 'yes' }]
    await server.kms().send(new TagResourceCommand({ KeyId: tagged, Tags }))
    await tamper((db) =>
      db.updateTable('kms_tags').set({ mac: null }).where('key_id', '=', tagged).execute(),
    )
    const count = await countRowsWithoutMac(server.storage, protectedTables)
    expect(await refused()).toMatchObject(INTERNAL)
    const told: unknown[] = []
    const adopt = () =>
      adoptRows(server.storage, root, protectedTables, async (_tx, tables) => {
        told.push(tables)
      })
    const adopted = await adopt()
    expect(adopted).toEqual(
      expect.arrayContaining([
        { table: 'iam_accounts', rows: 2 },
        { table: 'kms_keys', rows: 2 },
        { table: 'kms_tags', rows: 1 },
      ]),
    )
    expect(adopted.reduce((sum, { rows }) => sum + rows, 0)).toBe(count)
    expect(await countRowsWithoutMac(server.storage, protectedTables)).toBe(0)
    expect((await describeKey()).KeyMetadata?.KeyId).toBe(keyId)
    expect(await refused(forged)).toMatchObject(INTERNAL)
    const listed = await server.kms().send(new ListResourceTagsCommand({ KeyId: tagged }))
    expect(listed.Tags).toEqual(Tags)
    expect(await adopt()).toEqual([])
    expect(told).toEqual([adopted, []])
  })

  it('nothing of it is told to callers', async () => {
    await setKey({ policy: sql`policy || ' '` })
    const { message } = await refused()
    expect(message).not.toMatch(/MAC|row|kms_keys/)
  })
})

/** A database of its own on PostgreSQL; nothing where the server uses SQLite. */
async function newDatabase(name: string): Promise<string | undefined> {
  if (name === 'sqlite') return undefined
  await asSuperuser(`create database ${DATABASE}`)
  const url = new URL(process.env.KEYHOLD_TEST_POSTGRES ?? '')
  url.pathname = `/${DATABASE}`
  return url.href
}
