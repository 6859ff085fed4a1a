// The rows of materials: what each of them holds, however the material came to be.
import type { Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import type { KmsTables } from '../tables.ts'

/** A material not yet stored. */
export type NewMaterial = {
  readonly materialId: string
  readonly domainKeyId: string
  readonly wrapped: Buffer
  /** DER SubjectPublicKeyInfo, where the material is a key pair. */
  readonly publicKey: Buffer | undefined
}

/** How a material came to be, as its row tells it. */
export type MaterialHistory = {
  readonly createdAtMs: number
  readonly rotationNumber: number | null
  readonly rotationType: string | null
}

/** Stores one more material of the key. */
export async function insertMaterial(
  tx: Transaction,
  key: Key,
  material: NewMaterial & MaterialHistory,
): Promise<void> {
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
      public_key: material.publicKey ?? null,
      created_at_ms: material.createdAtMs,
      rotation_number: material.rotationNumber,
      rotation_type: material.rotationType,
    })
    .execute()
}
