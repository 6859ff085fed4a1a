// Backing keys: the material of KMS keys, wrapped by a domain key and bound to account, key, material,
// spec, usage and public key, so that rows cannot be swapped. Unwrapped they are handles in a cache, nothing else.

import type { Awaitable } from '../../../contract/operation.ts'
import { isKeyPairSpec, type KeyPairSpec, secretBytes } from '../../../crypto/algorithms.ts'
import { fields } from '../../../crypto/fields.ts'
import {
  exportPublicKey,
  importPrivateKey,
  type PrivateKey,
  type PublicKey,
  readPublicKey,
  withPrivateKeyBytes,
} from '../../../crypto/key-pair.ts'
import { needs } from '../../../crypto/needs.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { type SecretKey, secretKey, withKeyBytes } from '../../../crypto/secret-key.ts'
import type { ForeignMaterial } from '../../../crypto/wrapped-material.ts'
import { coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import { cacheId, KEY_TOPIC } from '../keys/key-store.ts'
import type { KmsTables } from '../tables.ts'
import { blobHeader } from './ciphertext-blob.ts'
import type { DomainKeyStore } from './domain-key-store.ts'
import { insertMaterial, type NewMaterial } from './material-row-store.ts'
import { generateKeyPair } from './new-key-pair.ts'

/** Material that is secret as a whole: of symmetric encryption and HMAC keys. */
export type BackingSecret = {
  readonly kind: 'secret'
  readonly key: SecretKey
  readonly blobHeader: Buffer
}

/** Material that is a key pair. */
export type BackingKeyPair = {
  readonly kind: 'pair'
  readonly privateKey: PrivateKey
  readonly publicKey: PublicKey
  /** DER SubjectPublicKeyInfo. */
  readonly publicKeyBytes: Buffer
}

/** One material of a key, ready for use. */
export type BackingKey = BackingSecret | BackingKeyPair

export type BackingKeyStore = {
  /** The material of the key, or nothing where it has no such material. */
  find(key: Key, materialId: string): Awaitable<BackingKey | undefined>
  /** Makes and wraps material for the key, as its spec says. */
  generate(place: MaterialPlace & { region: string }): Promise<NewMaterial>
  /** Wraps material from outside for the key, under this id. */
  wrap(
    place: MaterialPlace & { region: string },
    materialId: string,
    material: ForeignMaterial,
  ): Promise<NewMaterial>
  insert(tx: Transaction, key: Key, material: NewMaterial): Promise<void>
  /** Puts material in the place of what has this id: the same again, or where it was cleared. */
  replace(tx: Transaction, key: Key, material: NewMaterial): Promise<void>
  /** Removes the material, but not that there was one. */
  clear(tx: Transaction, key: Key, materialId: string): Promise<void>
  /** Removes the material and every trace of it. */
  remove(tx: Transaction, key: Key, materialId: string): Promise<void>
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
      .select(['material_id', 'domain_key_id', 'wrapped', 'public_key'])
      .where('account', '=', key.account)
      .where('region', '=', key.region)
      .where('key_id', '=', key.id)
      .execute()
    const materials = new Map<string, BackingKey>()
    for (const row of rows) {
      // Imported material that was deleted, or has expired.
      if (row.wrapped.length === 0) continue
      const domainKey = await domainKeys.get(row.domain_key_id)
      const publicKey = row.public_key === null ? undefined : Buffer.from(row.public_key)
      const bytes = domainKey.unwrap(materialBinding(key, row.material_id, publicKey), row.wrapped)
      materials.set(row.material_id, backingKey(key, row.material_id, bytes, publicKey))
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

  async function wrap(
    place: MaterialPlace & { region: string },
    materialId: string,
    material: ForeignMaterial,
  ): Promise<NewMaterial> {
    const domainKey = await domainKeys.newest(place.region)
    const wrapped = (bytes: Uint8Array, publicKey?: Buffer): NewMaterial => ({
      materialId,
      domainKeyId: domainKey.id,
      wrapped: domainKey.wrap(materialBinding(place, materialId, publicKey), bytes),
      publicKey,
    })
    if (material.kind === 'secret') return withKeyBytes(material.key, (bytes) => wrapped(bytes))
    const publicKey = exportPublicKey(material.publicKey)
    return withPrivateKeyBytes(material.privateKey, (pkcs8) => wrapped(pkcs8, publicKey))
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
      const { spec } = place
      const material: ForeignMaterial = isKeyPairSpec(spec)
        ? { kind: 'pair', ...(await generateKeyPair(spec)) }
        : { kind: 'secret', key: secretKey(randomBytes(secretBytes(spec))) }
      return wrap(place, newMaterialId(), material)
    },
    wrap,
    insert: (tx, key, material) =>
      insertMaterial(tx, key, {
        ...material,
        createdAtMs: key.createdAtMs,
        rotationNumber: null,
        rotationType: null,
      }),
    async replace(tx, key, { materialId, domainKeyId, wrapped, publicKey }) {
      const columns = { domain_key_id: domainKeyId, wrapped, public_key: publicKey ?? null }
      await updateRow(tx, key, materialId, columns)
    },
    clear: clearRow,
    async remove(tx, key, materialId) {
      await clearRow(tx, key, materialId)
      await tx.db
        .$extendTables<KmsTables>()
        .deleteFrom('kms_key_materials')
        .where('account', '=', key.account)
        .where('region', '=', key.region)
        .where('key_id', '=', key.id)
        .where('material_id', '=', materialId)
        .execute()
    },
  }
}

/** Random, not a hash of the material: an id must not help to guess what it names. */
export function newMaterialId(): string {
  return randomBytes(32).toString('hex')
}

/** Overwritten before it goes: a row that is only changed stays readable in SQLite's file for long. */
async function clearRow(tx: Transaction, key: Key, materialId: string): Promise<void> {
  const row = await tx.db
    .$extendTables<KmsTables>()
    .selectFrom('kms_key_materials')
    .select('wrapped')
    .where('account', '=', key.account)
    .where('region', '=', key.region)
    .where('key_id', '=', key.id)
    .where('material_id', '=', materialId)
    .executeTakeFirst()
  await updateRow(tx, key, materialId, { wrapped: new Uint8Array(row?.wrapped.length ?? 0) })
  await updateRow(tx, key, materialId, { wrapped: new Uint8Array(0), public_key: null })
}

async function updateRow(
  tx: Transaction,
  key: Key,
  materialId: string,
  columns: Partial<KmsTables['kms_key_materials']>,
): Promise<void> {
  await tx.db
    .$extendTables<KmsTables>()
    .updateTable('kms_key_materials')
    .set(columns)
    .where('account', '=', key.account)
    .where('region', '=', key.region)
    .where('key_id', '=', key.id)
    .where('material_id', '=', materialId)
    .execute()
}

function backingKey(
  { account, id: keyId, spec }: MaterialPlace,
  materialId: string,
  bytes: Buffer,
  publicKeyBytes: Buffer | undefined,
): BackingKey {
  if (!isKeyPairSpec(spec)) {
    const header = blobHeader({ account, keyId, materialId })
    return { kind: 'secret', key: secretKey(bytes), blobHeader: header }
  }
  return backingKeyPair(spec, bytes, publicKeyBytes)
}

function backingKeyPair(
  spec: KeyPairSpec,
  bytes: Buffer,
  publicKeyBytes: Buffer | undefined,
): BackingKeyPair {
  const privateKey = importPrivateKey(spec, bytes)
  const publicKey = publicKeyBytes && readPublicKey(spec, publicKeyBytes)
  // The public key of a key pair stands beside it.
  needs(
    publicKeyBytes !== undefined && publicKey !== undefined,
    'The public key of a key pair stands beside it.',
  )
  return { kind: 'pair', privateKey, publicKey, publicKeyBytes }
}

/**
 * What wrapped material is bound to: never a Region. The public key is bound as well, so that no other
 * can take its place.
 */
export function materialBinding(
  place: MaterialPlace,
  materialId: string,
  publicKey?: Buffer,
): Buffer {
  const { account, id, spec, usage } = place
  const facts = ['backing key', account, id, materialId, spec, usage]
  return publicKey === undefined ? fields(...facts) : fields(...facts, publicKey)
}
