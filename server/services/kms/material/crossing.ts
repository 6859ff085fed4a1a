// How material gets from one Region to another: wrapped, in between for a moment plain, and wrapped again
// for the other Region's domain key, bound to the same key. Nothing else takes material across.
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import type { KmsTables } from '../tables.ts'
import { type MaterialPlace, materialBinding, type NewMaterial } from './backing-key-store.ts'
import type { DomainKey, DomainKeyStore } from './domain-key-store.ts'

/** A material as it is stored, with how it came to be. */
export type CrossedMaterial = NewMaterial & {
  readonly createdAtMs: number
  readonly rotationNumber: number | null
  readonly rotationType: string | null
}

export type Crossing = {
  /** The material, wrapped for that Region. */
  cross(place: MaterialPlace, material: NewMaterial, toRegion: string): Promise<NewMaterial>
  /** Every material that the key has ever had, wrapped for that Region. */
  crossAll(key: Key, toRegion: string): Promise<readonly CrossedMaterial[]>
  /** Stores material that crossed with the related key in its Region. */
  insert(tx: Transaction, related: Key, material: CrossedMaterial): Promise<void>
}

export function crossing(storage: Storage, domainKeys: DomainKeyStore): Crossing {
  const db = storage.read.$extendTables<KmsTables>()

  async function cross(
    place: MaterialPlace,
    { materialId, domainKeyId, wrapped, publicKey }: NewMaterial,
    toRegion: string,
  ): Promise<NewMaterial> {
    const from = await domainKeys.get(domainKeyId)
    const to = await domainKeys.newest(toRegion)
    const binding = materialBinding(place, materialId, publicKey)
    return {
      materialId,
      domainKeyId: to.id,
      wrapped: rewrap(binding, wrapped, from, to),
      publicKey,
    }
  }

  return {
    cross,
    async crossAll(key, toRegion) {
      const rows = await db
        .selectFrom('kms_key_materials')
        .selectAll()
        .where('account', '=', key.account)
        .where('region', '=', key.region)
        .where('key_id', '=', key.id)
        .execute()
      const crossed: CrossedMaterial[] = []
      for (const row of rows) {
        const material: NewMaterial = {
          materialId: row.material_id,
          domainKeyId: row.domain_key_id,
          wrapped: Buffer.from(row.wrapped),
          publicKey: row.public_key === null ? undefined : Buffer.from(row.public_key),
        }
        crossed.push({
          ...(await cross(key, material, toRegion)),
          createdAtMs: row.created_at_ms,
          rotationNumber: row.rotation_number,
          rotationType: row.rotation_type,
        })
      }
      return crossed
    },
    async insert(tx, related, material) {
      await tx.db
        .$extendTables<KmsTables>()
        .insertInto('kms_key_materials')
        .values({
          account: related.account,
          region: related.region,
          key_id: related.id,
          material_id: material.materialId,
          domain_key_id: material.domainKeyId,
          wrapped: material.wrapped,
          public_key: material.publicKey ?? null,
          created_at_ms: material.createdAtMs,
          rotation_number: material.rotationNumber,
          rotation_type: material.rotationType,
        })
        .execute()
    },
  }
}

/**
 * The crossing itself. Two Regions that are two deployments put a key that both have between the two
 * halves of it; what goes in and comes out stays wrapped bytes and what they are bound to.
 */
export function rewrap(
  binding: Uint8Array,
  wrapped: Uint8Array,
  from: DomainKey,
  to: DomainKey,
): Buffer {
  const material = from.unwrap(binding, wrapped)
  try {
    return to.wrap(binding, material)
  } finally {
    material.fill(0)
  }
}
