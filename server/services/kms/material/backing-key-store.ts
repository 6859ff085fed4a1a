// Backing keys: the material of KMS keys, wrapped by a domain key and bound to account, key, material,
// spec, usage and public key, so that rows cannot be swapped. Unwrapped they are handles in a cache, nothing else.

import type { Awaitable } from '../../../contract/operation.ts'
import { isKeyPairSpec, type KeyPairSpec, secretBytes } from '../../../crypto/algorithms.ts'
import { fields } from '../../../crypto/fields.ts'
import {
  exportPublicKey,
  importPrivateKey,
  newKeyPair,
  type PrivateKey,
  type PublicKey,
  readPublicKey,
  withPrivateKeyBytes,
} from '../../../crypto/key-pair.ts'
import { needs } from '../../../crypto/needs.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../../crypto/secret-key.ts'
import { coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import { cacheId, KEY_TOPIC } from '../keys/key-store.ts'
import type { KmsTables } from '../tables.ts'
import { blobHeader } from './ciphertext-blob.ts'
import type { DomainKeyStore } from './domain-key-store.ts'

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

/** A material not yet stored. */
export type NewMaterial = {
  readonly materialId: string
  readonly domainKeyId: string
  readonly wrapped: Buffer
  /** DER SubjectPublicKeyInfo, where the material is a key pair. */
  readonly publicKey: Buffer | undefined
}

export type BackingKeyStore = {
  /** The material of the key, or nothing where it has no such material. */
  find(key: Key, materialId: string): Awaitable<BackingKey | undefined>
  /** Makes and wraps material for the key, as its spec says. */
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
      .select(['material_id', 'domain_key_id', 'wrapped', 'public_key'])
      .where('account', '=', key.account)
      .where('region', '=', key.region)
      .where('key_id', '=', key.id)
      .execute()
    const materials = new Map<string, BackingKey>()
    for (const row of rows) {
      const domainKey = await domainKeys.get(row.domain_key_id)
      const publicKey = row.public_key === null ? undefined : Buffer.from(row.public_key)
      const bytes = domainKey.unwrap(binding(key, row.material_id, publicKey), row.wrapped)
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
      const wrap = (bytes: Uint8Array, publicKey?: Buffer): NewMaterial => {
        const wrapped = domainKey.wrap(binding(place, materialId, publicKey), bytes)
        return { materialId, domainKeyId: domainKey.id, wrapped, publicKey }
      }
      if (isKeyPairSpec(place.spec)) {
        const pair = await newKeyPair(place.spec)
        const publicKey = exportPublicKey(pair.publicKey)
        return withPrivateKeyBytes(pair.privateKey, (pkcs8) => wrap(pkcs8, publicKey))
      }
      const material = randomBytes(secretBytes(place.spec))
      try {
        return wrap(material)
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
          public_key: material.publicKey ?? null,
          created_at_ms: key.createdAtMs,
        })
        .execute()
    },
  }
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

/** The public key is bound as well, so that no other can take its place. */
function binding(place: MaterialPlace, materialId: string, publicKey?: Buffer): Buffer {
  const { account, id, spec, usage } = place
  const facts = ['backing key', account, id, materialId, spec, usage]
  return publicKey === undefined ? fields(...facts) : fields(...facts, publicKey)
}
