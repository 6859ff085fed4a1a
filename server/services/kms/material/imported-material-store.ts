// What is known of the materials that were imported into a key, also of those that are gone: the same
// must come back. Whoever changes it changes the key as well, which is announced.
import { needs } from '../../../crypto/needs.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { DueKey } from '../keys/due-key-directory.ts'
import type { Key } from '../keys/key.ts'
import type { KmsTables } from '../tables.ts'

export type ImportedMaterial = {
  readonly materialId: string
  /** For good, or until a rotation makes it so. */
  readonly state: 'ASSOCIATED' | 'PENDING_ROTATION'
  readonly isPresent: boolean
  readonly expiresAtMs: number | undefined
  readonly description: string | undefined
  readonly fingerprint: Buffer
  /** Under which the fingerprint is. */
  readonly domainKeyId: string
}

/** A material of a multi-Region key, as it is in one of its Regions. */
export type MaterialCopy = ImportedMaterial & { readonly region: string }

/** Where material is whose date has come. */
export type DueMaterial = DueKey & { readonly materialId: string }

export type ImportedMaterialStore = {
  /** All of the key, in no order; throws ForgedRowError. */
  list(key: Key): Promise<readonly ImportedMaterial[]>
  listIn(tx: Transaction, key: Key): Promise<readonly ImportedMaterial[]>
  /** One of the key's materials in each of these Regions that knows it; throws ForgedRowError. */
  copies(key: Key, materialId: string, regions: readonly string[]): Promise<readonly MaterialCopy[]>
  copiesIn(
    tx: Transaction,
    key: Key,
    materialId: string,
    regions: readonly string[],
  ): Promise<readonly MaterialCopy[]>
  /** Adds it, or replaces what has its id. */
  put(tx: Transaction, key: Key, material: ImportedMaterial): Promise<void>
  remove(tx: Transaction, key: Key, materialId: string): Promise<void>
  /** Material of all accounts and Regions whose date has come. */
  due(nowMs: number, limit: number): Promise<readonly DueMaterial[]>
}

type Row = KmsTables['kms_imported_materials']

const COLUMNS = [
  'account',
  'region',
  'key_id',
  'material_id',
  'domain_key_id',
  'fingerprint',
  'state',
  'is_present',
  'expires_at_ms',
  'description',
] as const
const KEY_COLUMNS = ['account', 'region', 'key_id', 'material_id'] as const

export function importedMaterialRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'kms_imported_materials', COLUMNS, KEY_COLUMNS)
}

export function importedMaterialStore(storage: Storage, rootKey: RootKey): ImportedMaterialStore {
  const macs = importedMaterialRowMacs(rootKey)
  const db = storage.read.$extendTables<KmsTables>()

  async function listFrom(from: typeof db, { account, region, id, materialId }: Key) {
    const rows = await from
      .selectFrom('kms_imported_materials')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .where('key_id', '=', id)
      .execute()
    // The current material of a key is among those that are known of it.
    needs(
      materialId === '' || rows.some((row) => row.material_id === materialId),
      'The current material of a key is among those that are known of it.',
    )
    return rows.map((row) => {
      macs.require(row)
      return materialOf(row)
    })
  }

  async function copiesFrom(
    from: typeof db,
    { account, id }: Key,
    materialId: string,
    regions: readonly string[],
  ) {
    const rows = await from
      .selectFrom('kms_imported_materials')
      .selectAll()
      .where('account', '=', account)
      .where('region', 'in', regions)
      .where('key_id', '=', id)
      .where('material_id', '=', materialId)
      .execute()
    return rows.map((row) => {
      macs.require(row)
      return { ...materialOf(row), region: row.region }
    })
  }

  return {
    list: (key) => listFrom(db, key),
    listIn: (tx, key) => listFrom(tx.db.$extendTables<KmsTables>(), key),
    copies: (key, materialId, regions) => copiesFrom(db, key, materialId, regions),
    copiesIn: (tx, key, materialId, regions) =>
      copiesFrom(tx.db.$extendTables<KmsTables>(), key, materialId, regions),
    async put(tx, key, material) {
      const columns = columnsOf(key, material)
      await tx.db
        .$extendTables<KmsTables>()
        .insertInto('kms_imported_materials')
        .values({ ...columns, mac: macs.of(columns) })
        .onConflict((conflict) =>
          conflict.columns([...KEY_COLUMNS]).doUpdateSet((row) => ({
            domain_key_id: row.ref('excluded.domain_key_id'),
            fingerprint: row.ref('excluded.fingerprint'),
            state: row.ref('excluded.state'),
            is_present: row.ref('excluded.is_present'),
            expires_at_ms: row.ref('excluded.expires_at_ms'),
            description: row.ref('excluded.description'),
            mac: row.ref('excluded.mac'),
          })),
        )
        .execute()
    },
    async remove(tx, { account, region, id }, materialId) {
      await tx.db
        .$extendTables<KmsTables>()
        .deleteFrom('kms_imported_materials')
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', id)
        .where('material_id', '=', materialId)
        .execute()
    },
    due: (nowMs, limit) =>
      db
        .selectFrom('kms_imported_materials')
        .select(['account', 'region', 'key_id as id', 'material_id as materialId'])
        .where('expires_at_ms', '<=', nowMs)
        .orderBy('expires_at_ms')
        .limit(limit)
        .execute(),
  }
}

function materialOf(row: Row): ImportedMaterial {
  return {
    materialId: row.material_id,
    state: row.state as ImportedMaterial['state'],
    isPresent: row.is_present === 1,
    expiresAtMs: row.expires_at_ms ?? undefined,
    description: row.description ?? undefined,
    fingerprint: Buffer.from(row.fingerprint),
    domainKeyId: row.domain_key_id,
  }
}

function columnsOf({ account, region, id }: Key, material: ImportedMaterial): Omit<Row, 'mac'> {
  return {
    account,
    region,
    key_id: id,
    material_id: material.materialId,
    domain_key_id: material.domainKeyId,
    fingerprint: material.fingerprint,
    state: material.state,
    is_present: material.isPresent ? 1 : 0,
    expires_at_ms: material.expiresAtMs ?? null,
    description: material.description ?? null,
  }
}
