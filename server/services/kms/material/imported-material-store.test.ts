// What is known of imported materials, on both databases: it comes back as it was, and only with its MAC.
import { describe, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import type { ForeignMaterial } from '../../../crypto/wrapped-material.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import type { Key } from '../keys/key.ts'
import { keyStores } from '../keys/key-store.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { insertKey, newRootKey, openStores } from '../testing/stores.ts'
import { type ImportedMaterial, importedMaterialStore } from './imported-material-store.ts'
import { fingerprints } from './material-fingerprint.ts'

const secretOf = (fill: number): ForeignMaterial => ({
  kind: 'secret',
  key: secretKey(Buffer.alloc(32, fill)),
})

describe.each(dialects)('The store of imported materials on $name', (dialect) => {
  const root = newRootKey()

  async function open() {
    const storage = await dialect.freshStorage(kms.migrations)
    const stores = await openStores(storage, root)
    const materials = importedMaterialStore(storage, root)
    const key = await insertKey(stores)
    const known: ImportedMaterial = {
      materialId: key.materialId,
      state: 'ASSOCIATED',
      isPresent: true,
      expiresAtMs: 5000,
      description: 'from the vault',
      ...(await fingerprints(stores.domainKeys).of(key, secretOf(1))),
    }
    await storage.write((tx) => materials.put(tx, key, known))
    const tamper = (change: Partial<KmsTables['kms_imported_materials']>) =>
      storage.write((tx) =>
        tx.db
          .$extendTables<KmsTables>()
          .updateTable('kms_imported_materials')
          .set(change)
          .where('key_id', '=', key.id)
          .execute(),
      )
    return { ...stores, materials, key, known, tamper }
  }

  it('gives back what it was given, also once it is replaced, and forgets what is removed', async () => {
    const { storage, materials, key, known } = await open()
    expect(await materials.list(key)).toEqual([known])
    const gone = { ...known, isPresent: false, expiresAtMs: undefined, description: undefined }
    const other = { ...known, materialId: 'f'.repeat(64), state: 'PENDING_ROTATION' } as const
    await storage.write(async (tx) => {
      await materials.put(tx, key, gone)
      await materials.put(tx, key, other)
      expect(await materials.listIn(tx, key)).toHaveLength(2)
    })
    const listed = await materials.list(key)
    expect(listed).toEqual(expect.arrayContaining([gone, other]))
    await storage.write((tx) => materials.remove(tx, key, other.materialId))
    expect(await materials.list(key)).toEqual([gone])
  })

  it('tells one material in each Region that is asked for and knows it, and believes no changed row', async () => {
    const { storage, materials, key, known, tamper } = await open()
    const elsewhere = { ...known, isPresent: false, expiresAtMs: undefined }
    const other = { ...known, materialId: 'f'.repeat(64) }
    await storage.write(async (tx) => {
      const there = { ...key, region: 'eu-west-1' }
      await keyStores(storage, root)(there).insert(tx, there)
      await materials.put(tx, there, elsewhere)
      await materials.put(tx, there, other)
    })
    const find = (...regions: string[]) => materials.copies(key, known.materialId, regions)
    const copies = [{ ...elsewhere, region: 'eu-west-1' }]
    expect(await find('eu-west-1', 'ap-south-1')).toEqual(copies)
    expect(await find('ap-south-1')).toEqual([])
    const ofTransaction = await storage.write((tx) =>
      materials.copiesIn(tx, key, known.materialId, [key.region]),
    )
    expect(ofTransaction).toEqual([{ ...known, region: key.region }])
    await tamper({ is_present: 1 })
    await expect(find('eu-west-1')).rejects.toThrow('kms_imported_materials')
  })

  it('tells what is due, the oldest first, and no more than asked for', async () => {
    const { storage, materials, key, known } = await open()
    const place = { account: key.account, region: key.region, id: key.id }
    const older = { ...known, materialId: 'e'.repeat(64), expiresAtMs: 4000 }
    const never = { ...known, materialId: 'd'.repeat(64), expiresAtMs: undefined }
    await storage.write(async (tx) => {
      await materials.put(tx, key, older)
      await materials.put(tx, key, never)
    })
    const both = [
      { ...place, materialId: older.materialId },
      { ...place, materialId: known.materialId },
    ]
    expect(await materials.due(5000, 10)).toEqual(both)
    expect(await materials.due(5000, 1)).toEqual(both.slice(0, 1))
    expect(await materials.due(4999, 10)).toEqual(both.slice(0, 1))
    expect(await materials.due(3999, 10)).toEqual([])
  })

  it('believes no row that somebody else changed', async () => {
    const { materials, key, tamper } = await open()
    for (const change of [
      { expires_at_ms: null },
      { state: 'PENDING_ROTATION' },
      { is_present: 0 },
      { fingerprint: Buffer.alloc(32) },
      { mac: null },
    ]) {
      await tamper(change)
      await expect(materials.list(key)).rejects.toThrow('kms_imported_materials')
    }
  })

  it('The current material of a key is among those that are known of it.', async () => {
    const { storage, materials, key } = await open()
    await storage.write((tx) => materials.remove(tx, key, key.materialId))
    await expect(materials.list(key)).rejects.toThrow(
      'needs: The current material of a key is among those that are known of it.',
    )
    expect(await materials.list({ ...key, materialId: '' })).toEqual([])
  })

  it('knows material again by its fingerprint, and for this key alone', async () => {
    const { domainKeys, storage, materials, key, known } = await open()
    const prints = fingerprints(domainKeys)
    const find = (of: Key, material: ForeignMaterial) => prints.findSame(of, material, [known])
    expect(await find(key, secretOf(1))).toBe(known)
    expect(await find(key, secretOf(2))).toBeUndefined()
    for (const change of [
      { id: 'other' },
      { account: '444455556666' },
      { spec: 'HMAC_256' },
      { usage: 'GENERATE_VERIFY_MAC' },
    ] as const) {
      expect(await find({ ...key, ...change }, secretOf(1))).toBeUndefined()
    }
    // Also under a domain key that is not the newest any more.
    await storage.write((tx) => domainKeys.insert(tx, domainKeys.generate(key.region)))
    const later = await prints.of(key, secretOf(1))
    expect(later.domainKeyId).not.toBe(known.domainKeyId)
    expect(later.fingerprint).not.toEqual(known.fingerprint)
    const [read] = await materials.list(key)
    expect(await prints.findSame(key, secretOf(1), [read as ImportedMaterial])).toBe(read)
    const plain = await prints.of(key, { kind: 'secret', key: secretKey(randomBytes(32)) })
    expect(plain.fingerprint).toHaveLength(32)
  })

  it('goes with its key', async () => {
    const { storage, key } = await open()
    const { deleteKey } = await import('../keys/due-key-directory.ts')
    await storage.write((tx) => deleteKey(tx, key))
    const rows = await storage.read
      .$extendTables<KmsTables>()
      .selectFrom('kms_imported_materials')
      .select('material_id')
      .execute()
    expect(rows).toEqual([])
  })
})
