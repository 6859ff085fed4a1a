// Domain keys and backing keys over a real store: rows cannot be changed, swapped or moved.
import { join } from 'node:path'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fields } from '../../../crypto/fields.ts'
import { withKeyBytes } from '../../../crypto/secret-key.ts'
import { createRootKeyFile, readRootKeyFile } from '../../../seal/file-seal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { Key } from '../keys/key.ts'
import { keyStores } from '../keys/key-store.ts'
import type { KmsTables } from '../tables.ts'
import { backingKeyStore } from './backing-key-store.ts'
import { openDomainKeyStore } from './domain-key-store.ts'

const ACCOUNT = '111122223333'
const REGION = 'us-east-1'
const REFUSED =
  'needs: A backing key was wrapped by its domain key, for the key and material it stands with.'

let server: TestServer
let keys: Key[]
beforeAll(async () => {
  server = await testServer()
  keys = []
  for (let count = 0; count < 2; count++) {
    const { KeyMetadata } = await server.kms().send(new CreateKeyCommand())
    const store = keyStores(server.storage, rootKey())({ account: ACCOUNT, region: REGION })
    keys.push((await store.find(KeyMetadata?.KeyId ?? '')) as Key)
  }
})
afterAll(() => server.close())

const rootKey = () => readRootKeyFile(join(server.directory, 'root.key'))
const openDomainKeys = () => openDomainKeyStore(server.storage, rootKey(), [REGION])
/** A store with empty caches, as after a start. */
const openBackingKeys = async () => backingKeyStore(server.storage, await openDomainKeys())
const tables = () => server.storage.read.$extendTables<KmsTables>()

function change(row: { key_id: string }, values: Partial<KmsTables['kms_key_materials']>) {
  return server.storage.write((tx) =>
    tx.db
      .$extendTables<KmsTables>()
      .updateTable('kms_key_materials')
      .set(values)
      .where('key_id', '=', row.key_id)
      .execute(),
  )
}

async function rowOf(key: Key) {
  return await tables()
    .selectFrom('kms_key_materials')
    .selectAll()
    .where('key_id', '=', key.id)
    .executeTakeFirstOrThrow()
}

describe('a domain key', () => {
  it('is the same one after every start, and another one per Region', async () => {
    const regions = ['us-east-1', 'eu-west-1']
    const first = await openDomainKeyStore(server.storage, rootKey(), regions)
    const second = await openDomainKeyStore(server.storage, rootKey(), regions)
    const [here, there] = [await first.newest('us-east-1'), await first.newest('eu-west-1')]
    expect(here.id).toBe((await second.newest('us-east-1')).id)
    expect(here.id).not.toBe(there.id)
    const wrapped = here.wrap(Buffer.from('place'), Buffer.from('material'))
    const again = await second.get(here.id)
    expect(again.unwrap(Buffer.from('place'), wrapped).toString()).toBe('material')
    expect(() => there.unwrap(Buffer.from('place'), wrapped)).toThrow(REFUSED)
  })

  it('A backing key was wrapped by its domain key, for the key and material it stands with.', async () => {
    const domainKey = await (await openDomainKeys()).newest(REGION)
    const place = fields('backing key', ACCOUNT, 'id')
    const wrapped = domainKey.wrap(place, Buffer.from('material'))
    expect(domainKey.unwrap(place, wrapped).toString()).toBe('material')
    expect(() => domainKey.unwrap(fields('backing key', ACCOUNT, 'other'), wrapped)).toThrow(
      REFUSED,
    )
    expect(() => domainKey.unwrap(Buffer.alloc(0), wrapped)).toThrow(REFUSED)
    for (let at = 0; at < wrapped.length; at++) {
      const flipped = Buffer.from(wrapped)
      flipped[at] = (flipped[at] as number) ^ 1
      expect(() => domainKey.unwrap(place, flipped), `byte ${at}`).toThrow(REFUSED)
      expect(() => domainKey.unwrap(place, wrapped.subarray(0, at)), `${at} bytes`).toThrow(REFUSED)
    }
  })

  it('does not open under another root key', async () => {
    const other = createRootKeyFile(join(server.directory, 'other.key'))
    const store = await openDomainKeyStore(server.storage, other, [REGION])
    await expect(store.newest(REGION)).rejects.toThrow('What the root key unwraps')
  })

  it('that does not exist is not found', async () => {
    await expect((await openDomainKeys()).get('none')).rejects.toThrow()
  })
})

describe('a backing key', () => {
  it('is found by its key and material, and by no other material', async () => {
    const store = await openBackingKeys()
    const [key] = keys as [Key, Key]
    expect(await store.find(key, key.materialId)).toBeDefined()
    expect(await store.find(key, 'ab'.repeat(32))).toBeUndefined()
    expect(await store.find(key, keys[1]?.materialId ?? '')).toBeUndefined()
  })

  it('is another one for every key', async () => {
    const store = await openBackingKeys()
    const bytes = await Promise.all(
      keys.map(async (key) => {
        const found = await store.find(key, key.materialId)
        return found?.kind === 'secret' && withKeyBytes(found.key, (lent) => lent.toString('hex'))
      }),
    )
    expect(bytes[0]).toHaveLength(64)
    expect(bytes[0]).not.toBe(bytes[1])
  })

  it('does not open in the row of another key, or as another material', async () => {
    const [key, other] = keys as [Key, Key]
    const row = await rowOf(key)
    await change(row, { wrapped: (await rowOf(other)).wrapped })
    await expect(openBackingKeys().then((s) => s.find(key, key.materialId))).rejects.toThrow(
      REFUSED,
    )
    await change(row, { wrapped: row.wrapped, material_id: 'ab'.repeat(32) })
    await expect(openBackingKeys().then((s) => s.find(key, key.materialId))).rejects.toThrow(
      REFUSED,
    )
    await change(row, row)
    expect(await (await openBackingKeys()).find(key, key.materialId)).toBeDefined()
  })

  it('does not open for a key whose spec, usage or account was changed', async () => {
    const [key] = keys as [Key, Key]
    for (const changed of [{ spec: 'RSA_2048' }, { usage: 'SIGN_VERIFY' }]) {
      const other = { ...key, ...changed } as unknown as Key
      await expect(
        openBackingKeys().then((store) => store.find(other, key.materialId)),
        JSON.stringify(changed),
      ).rejects.toThrow(REFUSED)
    }
    const elsewhere = { ...key, account: '444455556666' }
    expect(await (await openBackingKeys()).find(elsewhere, key.materialId)).toBeUndefined()
  })

  it('does not open with any byte of its row flipped', async () => {
    const [key] = keys as [Key, Key]
    const row = await rowOf(key)
    for (let at = 0; at < row.wrapped.length; at += 5) {
      const flipped = Buffer.from(row.wrapped)
      flipped[at] = (flipped[at] as number) ^ 1
      await change(row, { wrapped: flipped })
      const found = openBackingKeys().then((store) => store.find(key, key.materialId))
      await expect(found, `byte ${at}`).rejects.toThrow(REFUSED)
    }
    await change(row, row)
  })

  it('is made of new bytes each time, named by a random id, and its bytes are zeroed', async () => {
    const store = await openBackingKeys()
    const [key] = keys as [Key, Key]
    const zeroed: number[] = []
    const fill = Buffer.prototype.fill
    vi.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, ...given) {
      if (given[0] === 0) zeroed.push(this.length)
      return fill.apply(this, given as [number])
    })
    const made = [await store.generate({ ...key }), await store.generate({ ...key })]
    vi.restoreAllMocks()
    expect(zeroed.filter((length) => length === 32).length).toBeGreaterThanOrEqual(2)
    expect(new Set(made.map(({ materialId }) => materialId)).size).toBe(2)
    expect(made[0]?.materialId).toMatch(/^[0-9a-f]{64}$/)
    expect(made[0]?.wrapped).toHaveLength(32 + 44)
  })
})
