// Material that crosses from one Region to another, on both databases.
import { describe, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { keyArn } from '../keys/key-reference.ts'
import { keyStores } from '../keys/key-store.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { insertKey, newRootKey, SCOPE } from '../testing/stores.ts'
import { backingKeyStore } from './backing-key-store.ts'
import { blobHeader, openBlob, readBlob, sealBlob } from './ciphertext-blob.ts'
import { crossing, rewrap } from './crossing.ts'
import { openDomainKeyStore } from './domain-key-store.ts'
import type { ImportedMaterial } from './imported-material-store.ts'
import { fingerprints } from './material-fingerprint.ts'
import { insertRotated } from './rotation-store.ts'

const THERE = 'eu-west-1'
const NOT_ROTATED = { rotationNumber: null, rotationType: null }

describe.each(dialects)('The crossing on $name', (dialect) => {
  const root = newRootKey()

  async function fresh() {
    const storage = await dialect.freshStorage(kms.migrations)
    const domainKeys = await openDomainKeyStore(storage, root, [SCOPE.region, THERE])
    const backingKeys = backingKeyStore(storage, domainKeys)
    const keys = keyStores(storage, root)(SCOPE)
    const key = await insertKey({ storage, domainKeys, backingKeys, keys })
    const replica = { ...key, region: THERE, arn: keyArn({ ...key, region: THERE }, key.id) }
    return {
      storage,
      domainKeys,
      backingKeys,
      crossing: crossing(storage, domainKeys),
      key,
      replica,
    }
  }

  async function rowsIn(stores: Awaited<ReturnType<typeof fresh>>, region: string) {
    return stores.storage.read
      .$extendTables<KmsTables>()
      .selectFrom('kms_key_materials')
      .selectAll()
      .where('key_id', '=', stores.key.id)
      .where('region', '=', region)
      .orderBy('rotation_number')
      .execute()
  }

  it('brings every material, under the domain key of the other Region, with its history', async () => {
    const stores = await fresh()
    const { storage, backingKeys, key, replica } = stores
    const material = await backingKeys.generate(key)
    await storage.write((tx) => insertRotated(tx, key, material, 'ON_DEMAND', 1_700_000_001_000))
    const crossed = await stores.crossing.crossAll(key, THERE)
    await storage.write(async (tx) => {
      await keyStores(storage, root)({ ...SCOPE, region: THERE }).insert(tx, replica)
      for (const one of crossed) await stores.crossing.insert(tx, replica, one)
    })
    const [here, there] = [await rowsIn(stores, SCOPE.region), await rowsIn(stores, THERE)]
    expect(there).toHaveLength(2)
    const own = (row: (typeof here)[number]) => ({
      ...row,
      region: '',
      wrapped: '',
      domain_key_id: '',
    })
    expect(there.map(own)).toEqual(here.map(own))
    const { id: domainKeyId } = await stores.domainKeys.newest(THERE)
    for (const row of there) expect(row.domain_key_id).toBe(domainKeyId)
    for (const { material_id } of here) {
      const [from, to] = [
        await backingKeys.find(key, material_id),
        await backingKeys.find(replica, material_id),
      ]
      if (from?.kind !== 'secret' || to?.kind !== 'secret') throw new Error('no secret')
      const header = blobHeader({ account: key.account, keyId: key.id, materialId: material_id })
      const blob = readBlob(sealBlob(from.key, header, undefined, Buffer.from('x')))
      expect(blob && openBlob(to.key, blob, undefined)?.toString()).toBe('x')
    }
  })

  it('lets the other Region know imported material again, of which it gets nothing', async () => {
    const stores = await fresh()
    const { storage, domainKeys, key, replica } = stores
    const prints = fingerprints(domainKeys)
    const secretOf = (fill: number) =>
      ({ kind: 'secret', key: secretKey(Buffer.alloc(32, fill)) }) as const
    const wrapped = await stores.backingKeys.wrap(key, key.materialId, secretOf(1))
    await storage.write((tx) => stores.backingKeys.replace(tx, key, wrapped))
    const known: ImportedMaterial = {
      materialId: key.materialId,
      state: 'ASSOCIATED',
      isPresent: true,
      expiresAtMs: 5000,
      description: 'from the vault',
      ...(await prints.of(key, secretOf(1))),
    }
    const cross = async () => (await stores.crossing.crossKnown(key, [known], THERE)).at(0)
    const { entry, history } = (await cross()) ?? {}
    expect(history).toEqual({ createdAtMs: 1_700_000_000_123, ...NOT_ROTATED })
    expect(entry).toEqual({
      materialId: key.materialId,
      state: 'ASSOCIATED',
      isPresent: false,
      expiresAtMs: undefined,
      description: undefined,
      ...(await prints.of(replica, secretOf(1))),
    })
    expect(entry?.fingerprint).not.toEqual(known.fingerprint)
    expect(await prints.findSame(replica, secretOf(2), [entry as ImportedMaterial])).toBeUndefined()
    // Of what is not there any more goes what is known.
    await storage.write((tx) => stores.backingKeys.clear(tx, key, key.materialId))
    const { fingerprint, domainKeyId } = known
    expect((await cross())?.entry).toMatchObject({ isPresent: false, fingerprint, domainKeyId })
    // What was forgotten meanwhile does not go.
    expect(await stores.crossing.crossKnown(key, [], THERE)).toEqual([])
  })

  it('does not unwrap in the other Region what was wrapped for this one', async () => {
    const { domainKeys } = await fresh()
    const [here, there] = [await domainKeys.newest(SCOPE.region), await domainKeys.newest(THERE)]
    const binding = Buffer.from('a place')
    const wrapped = here.wrap(binding, randomBytes(32))
    expect(() => there.unwrap(binding, wrapped)).toThrow()
    const crossed = rewrap(binding, wrapped, here, there)
    expect(() => here.unwrap(binding, crossed)).toThrow()
    expect(there.unwrap(binding, crossed)).toEqual(here.unwrap(binding, wrapped))
  })

  it('takes nothing across that was altered, or bound to another place', async () => {
    const { domainKeys } = await fresh()
    const [here, there] = [await domainKeys.newest(SCOPE.region), await domainKeys.newest(THERE)]
    const binding = Buffer.from('a place')
    const wrapped = here.wrap(binding, randomBytes(32))
    expect(() => rewrap(Buffer.from('another'), wrapped, here, there)).toThrow()
    wrapped[40] = (wrapped[40] as number) ^ 1
    expect(() => rewrap(binding, wrapped, here, there)).toThrow()
  })

  it('leaves no plain material behind', async () => {
    const { domainKeys } = await fresh()
    const here = await domainKeys.newest(SCOPE.region)
    const binding = Buffer.from('a place')
    const plain: Buffer[] = []
    const watched = {
      ...here,
      unwrap(...args: Parameters<typeof here.unwrap>) {
        const material = here.unwrap(...args)
        plain.push(material)
        return material
      },
    }
    rewrap(binding, here.wrap(binding, randomBytes(32)), watched, here)
    const failing = {
      ...here,
      wrap(): never {
        throw new Error('no')
      },
    }
    const wrapped = here.wrap(binding, randomBytes(32))
    expect(() => rewrap(binding, wrapped, watched, failing)).toThrow('no')
    expect(plain).toEqual([Buffer.alloc(32), Buffer.alloc(32)])
  })
})
