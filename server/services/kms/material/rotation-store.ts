// The materials that a key has had, in the order in which they became current.
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import type { KmsTables } from '../tables.ts'
import { insertMaterial, type NewMaterial } from './material-row-store.ts'

export type RotationType = 'AUTOMATIC' | 'ON_DEMAND'

export type StoredMaterial = {
  readonly materialId: string
  /** 0 for the first material, 1 for what the first rotation made. */
  readonly number: number
  /** The rotation that made it current; the first material came with the key. */
  readonly rotation: { readonly type: RotationType; readonly atMs: number } | undefined
}

export type RotationStore = {
  /** Every material of the key, the oldest first. */
  list(key: Key): Promise<readonly StoredMaterial[]>
  countOnDemand(key: Key): Promise<number>
}

export function rotationStore(storage: Storage): RotationStore {
  const db = storage.read.$extendTables<KmsTables>()

  async function list(key: Key): Promise<readonly StoredMaterial[]> {
    const rows = await db
      .selectFrom('kms_key_materials')
      .select(['material_id', 'rotation_number', 'rotation_type', 'created_at_ms'])
      .where('account', '=', key.account)
      .where('region', '=', key.region)
      .where('key_id', '=', key.id)
      .execute()
    return rows
      .map((row) => ({
        materialId: row.material_id,
        number: row.rotation_number ?? 0,
        rotation:
          row.rotation_type === null
            ? undefined
            : { type: row.rotation_type as RotationType, atMs: row.created_at_ms },
      }))
      .sort((left, right) => left.number - right.number)
  }

  return {
    list,
    async countOnDemand(key) {
      const materials = await list(key)
      return materials.filter(({ rotation }) => rotation?.type === 'ON_DEMAND').length
    },
  }
}

/** Notes that a rotation made material current that was there already: imported for it. */
export async function promote(
  tx: Transaction,
  key: Key,
  materialId: string,
  type: RotationType,
  nowMs: number,
): Promise<void> {
  await tx.db
    .$extendTables<KmsTables>()
    .updateTable('kms_key_materials')
    .set({
      created_at_ms: nowMs,
      rotation_number: await nextNumber(tx, key),
      rotation_type: type,
    })
    .where('account', '=', key.account)
    .where('region', '=', key.region)
    .where('key_id', '=', key.id)
    .where('material_id', '=', materialId)
    .execute()
}

async function nextNumber(tx: Transaction, key: Key): Promise<number> {
  const { last } = await tx.db
    .$extendTables<KmsTables>()
    .selectFrom('kms_key_materials')
    .select((select) => select.fn.max<number | null>('rotation_number').as('last'))
    .where('account', '=', key.account)
    .where('region', '=', key.region)
    .where('key_id', '=', key.id)
    .executeTakeFirstOrThrow()
  return (last ?? 0) + 1
}

/** Stores the material that a rotation makes current; answers the number of the rotation. */
export async function insertRotated(
  tx: Transaction,
  key: Key,
  material: NewMaterial,
  type: RotationType,
  nowMs: number,
): Promise<number> {
  const rotationNumber = await nextNumber(tx, key)
  await insertMaterial(tx, key, {
    ...material,
    createdAtMs: nowMs,
    rotationNumber,
    rotationType: type,
  })
  return rotationNumber
}
