// How material gets from one Region to another: wrapped, in between for a moment plain, and wrapped again
// for the other Region's domain key, bound to the same key. Nothing else takes material across. Imported
// material stays where its owner brought it; by what crosses of it the other Region knows it again.
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import type { KmsTables } from '../tables.ts'
import { type MaterialPlace, materialBinding } from './backing-key-store.ts'
import type { DomainKey, DomainKeyStore } from './domain-key-store.ts'
import type { ImportedMaterial } from './imported-material-store.ts'
import { type AwaitedMaterial, awaitedEntry } from './imports.ts'
import { type Fingerprint, fingerprintOf } from './material-fingerprint.ts'
import { insertMaterial, type MaterialHistory, type NewMaterial } from './material-row-store.ts'

/** A material as it is stored, with how it came to be. */
export type CrossedMaterial = NewMaterial & MaterialHistory

export type Crossing = {
  /** The material, wrapped for that Region. */
  cross(place: MaterialPlace, material: NewMaterial, toRegion: string): Promise<NewMaterial>
  /** Every material that the key has ever had, wrapped for that Region. */
  crossAll(key: Key, toRegion: string): Promise<readonly CrossedMaterial[]>
  /** What the key's owner imported into it, as that Region will know it when it comes there. */
  crossKnown(
    key: Key,
    known: readonly ImportedMaterial[],
    toRegion: string,
  ): Promise<readonly AwaitedMaterial[]>
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

  /** Every material of the key as it is stored. */
  async function stored(key: Key): Promise<readonly CrossedMaterial[]> {
    const rows = await db
      .selectFrom('kms_key_materials')
      .selectAll()
      .where('account', '=', key.account)
      .where('region', '=', key.region)
      .where('key_id', '=', key.id)
      .execute()
    return rows.map((row) => ({
      materialId: row.material_id,
      domainKeyId: row.domain_key_id,
      wrapped: Buffer.from(row.wrapped),
      publicKey: row.public_key === null ? undefined : Buffer.from(row.public_key),
      ...historyOf(row),
    }))
  }

  /** Nothing where the material is not there. */
  async function crossFingerprint(
    place: MaterialPlace,
    { materialId, domainKeyId, wrapped, publicKey }: NewMaterial,
    toRegion: string,
  ): Promise<Fingerprint | undefined> {
    if (wrapped.length === 0) return undefined
    const to = await domainKeys.newest(toRegion)
    const from = await domainKeys.get(domainKeyId)
    const material = from.unwrap(materialBinding(place, materialId, publicKey), wrapped)
    try {
      const fingerprint = fingerprintOf(to, place, publicKey ?? material)
      return { fingerprint, domainKeyId: to.id }
    } finally {
      material.fill(0)
    }
  }

  return {
    cross,
    async crossAll(key, toRegion) {
      const crossed: CrossedMaterial[] = []
      for (const material of await stored(key)) {
        crossed.push({ ...material, ...(await cross(key, material, toRegion)) })
      }
      return crossed
    },
    async crossKnown(key, known, toRegion) {
      const awaited: AwaitedMaterial[] = []
      for (const material of await stored(key)) {
        const entry = known.find(({ materialId }) => materialId === material.materialId)
        // Made or forgotten between one question and the other: whoever applies this finds the key changed.
        if (entry === undefined) continue
        const { createdAtMs, rotationNumber, rotationType } = material
        const fingerprint = (await crossFingerprint(key, material, toRegion)) ?? {
          fingerprint: entry.fingerprint,
          domainKeyId: entry.domainKeyId,
        }
        awaited.push({
          entry: awaitedEntry(entry, fingerprint),
          history: { createdAtMs, rotationNumber, rotationType },
        })
      }
      return awaited
    },
    insert: insertMaterial,
  }
}

function historyOf(row: KmsTables['kms_key_materials']): MaterialHistory {
  return {
    createdAtMs: row.created_at_ms,
    rotationNumber: row.rotation_number,
    rotationType: row.rotation_type,
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
