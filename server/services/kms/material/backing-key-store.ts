// Backing keys: the material of KMS keys, wrapped by a domain key and bound to account, key, material,
// spec and usage, so that rows cannot be swapped. Unwrapped they are handles in a cache, nothing else.

import type { Awaitable } from '../../../contract/operation.ts'
import { fields } from '../../../crypto/fields.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../../crypto/secret-key.ts'
import { coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import { cacheId, KEY_TOPIC } from '../keys/key-store.ts'
import type { KmsTables } from '../tables.ts'
import { blobHeader } from './ciphertext-blob.ts'
import type { DomainKeyStore } from './domain-key-store.ts'

/** One material of a key, ready for use. */
export type BackingKey = { readonly key: SecretKey; readonly blobHeader: Buffer }

/** A material not yet stored. */
export type NewMaterial = {
  readonly materialId: string
  readonly domainKeyId: string
  readonly wrapped: Buffer
}

export type BackingKeyStore = {
  /** The material of the key, or nothing where it has no such material. */
  find(key: Key, materialId: string): Awaitable<BackingKey | undefined>
  /** Makes and wraps 256 random bits for the key. */
  generate(place: MaterialPlace & { region: string }): Promise<NewMaterial>
  insert(tx: Transaction, key: Key, material: NewMaterial): Promise<void>
}

/** What a material belongs to; none of it can be changed without the material being lost. */
export type MaterialPlace = Pick<Key, 'account' | 'id' | 'spec' | 'usage'>

type Materials = ReadonlyMap<string, BackingKey>

const MAX_CACHED_KEYS = 10_000

export function backingKeyStore(storage: Storage, domainKeys: DomainKeyStore): BackingKeyStore {
  const db = storage.read.$extendTables<KmsTables>()
  const cache = coherentCache<Materials>({ maxEntries: MAX_CACHED_KEYS })
  storage.changes.subscribe(KEY_TOPIC, { onChange: cache.drop, onReset: cache.clear })

  async function load(key: Key): Promise<Materials> {
    const rows = await db
      .selectFrom('kms_key_materials')
      .select(['material_id', 'domain_key_id', 'wrapped'])
      .where('account', '=', key.account)
      .where('region', '=', key.region)
      .where('key_id', '=', key.id)
      .execute()
    const materials = new Map<string, BackingKey>()
    for (const row of rows) {
      const domainKey = await domainKeys.get(row.domain_key_id)
      const bytes = domainKey.unwrap(binding(key, row.material_id), row.wrapped)
      materials.set(row.material_id, {
        key: secretKey(bytes),
        blobHeader: blobHeader({
          account: key.account,
          keyId: key.id,
          materialId: row.material_id,
        }),
      })
    }
    return materials
  }

  /**
   * Another process may have rotated the key a moment ago, and a caller have brought a blob from there
   * before this process heard of it. What is cached stays unless that is so: a blob can name anything.
   */
  async function findAnew(key: Key, materialId: string): Promise<BackingKey | undefined> {
    const found = (await load(key)).get(materialId)
    if (found !== undefined) cache.drop(cacheId(key, key.id))
    return found
  }

  return {
    find(key, materialId) {
      const materials = cache.get(cacheId(key, key.id), () => load(key))
      if (materials instanceof Promise) {
        return materials.then((found) => found?.get(materialId) ?? findAnew(key, materialId))
      }
      return materials?.get(materialId) ?? findAnew(key, materialId)
    },
    async generate(place) {
      const domainKey = await domainKeys.newest(place.region)
      // Random, not a hash of the material: an id must not help to guess what it names.
      const materialId = randomBytes(32).toString('hex')
      const material = randomBytes(32)
      try {
        const wrapped = domainKey.wrap(binding(place, materialId), material)
        return { materialId, domainKeyId: domainKey.id, wrapped }
      } finally {
        material.fill(0)
      }
    },
    async insert(tx, key, material) {
      await tx.db
        .$extendTables<KmsTables>()
        .insertInto('kms_key_materials')
        .values({
          account: key.account,
          region: key.region,
          key_id: key.id,
          material_id: material.materialId,
          domain_key_id: material.domainKeyId,
          wrapped: material.wrapped,
          created_at_ms: key.createdAtMs,
        })
        .execute()
    },
  }
}

function binding(place: MaterialPlace, materialId: string): Buffer {
  return fields('backing key', place.account, place.id, materialId, place.spec, place.usage)
}
