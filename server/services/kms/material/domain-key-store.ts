// Domain keys: one set per Region, wrapped by the root key, each wrapping the backing keys made while
// it was the newest. A rotation adds a generation; old ones stay for what they wrapped.
import { Moved } from '../../../contract/operation.ts'
import { hmacSha256 } from '../../../crypto/digest.ts'
import { fields } from '../../../crypto/fields.ts'
import { deriveKey, NONCE_BYTES } from '../../../crypto/key-derivation.ts'
import { needs } from '../../../crypto/needs.ts'
import { decryptOnce, encryptOnce } from '../../../crypto/one-time-encryption.ts'
import { randomBytes, randomUuid } from '../../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../../crypto/secret-key.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { KmsTables } from '../tables.ts'

export type DomainKey = {
  readonly id: string
  /** Wraps a backing key for the place that `binding` names. */
  wrap(binding: Uint8Array, material: Uint8Array): Buffer
  /** The backing key again; throws where it was wrapped by another key or for another place. */
  unwrap(binding: Uint8Array, wrapped: Uint8Array): Buffer
  /** Seals an import token for the place that `binding` names. */
  sealToken(binding: Uint8Array, content: Uint8Array): Buffer
  /** The content again, or nothing where it was not sealed by this key for that place. */
  openToken(binding: Uint8Array, sealed: Uint8Array): Buffer | undefined
  /** By which bytes are known again to whoever has this key, and tell nothing to others: 32 bytes. */
  fingerprint(content: Uint8Array): Buffer
}

/** A domain key made but not yet stored. */
export type NewDomainKey = {
  readonly id: string
  readonly region: string
  /** The root key that wrapped it. */
  readonly rootKeyId: string
  readonly wrapped: Buffer
}

export type DomainKeyStore = {
  /** The newest domain key of the Region: wraps new material. Asked of the database each time. */
  newest(region: string): Promise<DomainKey>
  get(id: string): Promise<DomainKey>
  /** The domain key of that name, where there is one: somebody else may have made it up. */
  find(id: string): Promise<DomainKey | undefined>
  /** The Regions that have domain keys. */
  regions(): Promise<readonly string[]>
  generate(region: string): NewDomainKey
  /** Makes it the newest of its Region, and answers its generation; throws Moved where another was faster. */
  insert(tx: Transaction, key: NewDomainKey): Promise<number>
}

/** Opens the store and makes the first domain key of every Region that has none. */
export async function openDomainKeyStore(
  storage: Storage,
  rootKey: RootKey,
  regions: readonly string[],
): Promise<DomainKeyStore> {
  const db = storage.read.$extendTables<KmsTables>()
  const opened = new Map<string, DomainKey>()
  for (const region of regions) await ensureFirst(region)

  async function ensureFirst(region: string) {
    const found = await db
      .selectFrom('kms_domain_keys')
      .select('domain_key_id')
      .where('region', '=', region)
      .executeTakeFirst()
    if (found) return
    // Where another process was faster its key counts.
    await storage.write((tx) => insertAs(tx, 1, generate(region)))
  }

  function generate(region: string): NewDomainKey {
    const id = randomUuid()
    const wrapped = rootKey.wrap('domainKey', domainKeyBinding(id, region), randomBytes(32))
    return { id, region, rootKeyId: rootKey.id, wrapped }
  }

  /** Answers whether the Region had no such generation yet. */
  async function insertAs(
    tx: Transaction,
    generation: number,
    { id, region, rootKeyId, wrapped }: NewDomainKey,
  ) {
    const { numInsertedOrUpdatedRows } = await tx.db
      .$extendTables<KmsTables>()
      .insertInto('kms_domain_keys')
      .values({
        domain_key_id: id,
        region,
        generation,
        root_key_id: rootKeyId,
        wrapped,
        created_at_ms: Date.now(),
      })
      .onConflict((conflict) => conflict.columns(['region', 'generation']).doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  }

  function unwrap(row: KmsTables['kms_domain_keys']): DomainKey {
    const bytes = rootKey.unwrap(
      'domainKey',
      domainKeyBinding(row.domain_key_id, row.region),
      row.wrapped,
    )
    const domainKey = domainKeyOver(row.domain_key_id, secretKey(bytes))
    opened.set(domainKey.id, domainKey)
    return domainKey
  }

  async function find(id: string): Promise<DomainKey | undefined> {
    const known = opened.get(id)
    if (known) return known
    const row = await db
      .selectFrom('kms_domain_keys')
      .selectAll()
      .where('domain_key_id', '=', id)
      .executeTakeFirst()
    return row && unwrap(row)
  }

  return {
    async newest(region) {
      const row = await db
        .selectFrom('kms_domain_keys')
        .selectAll()
        .where('region', '=', region)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      return opened.get(row.domain_key_id) ?? unwrap(row)
    },
    async get(id) {
      const found = await find(id)
      if (found === undefined) throw new Error(`there is no domain key ${id}`)
      return found
    },
    find,
    async regions() {
      const rows = await db
        .selectFrom('kms_domain_keys')
        .select('region')
        .distinct()
        .orderBy('region')
        .execute()
      return rows.map(({ region }) => region)
    },
    generate,
    async insert(tx, key) {
      // Made before a rotation of the root key, which knows nothing of it.
      if (key.rootKeyId !== rootKey.id) throw new Moved()
      const { newest } = await tx.db
        .$extendTables<KmsTables>()
        .selectFrom('kms_domain_keys')
        .select((select) => select.fn.max<number>('generation').as('newest'))
        .where('region', '=', key.region)
        .executeTakeFirstOrThrow()
      if (!(await insertAs(tx, newest + 1, key))) throw new Moved()
      return newest + 1
    },
  }
}

/** What a domain key is bound to when the root key wraps it. */
export function domainKeyBinding(id: string, region: string): Buffer {
  return fields('domain key', id, region)
}

function domainKeyOver(id: string, key: SecretKey): DomainKey {
  return {
    id,
    wrap: (place, material) => encryptOnce(key, 'backingKey', place, material),
    unwrap(place, wrapped) {
      const material = decryptOnce(key, 'backingKey', place, wrapped)
      // A backing key was wrapped by its domain key, for the key and material it stands with.
      needs(
        material !== undefined,
        'A backing key was wrapped by its domain key, for the key and material it stands with.',
      )
      return material
    },
    sealToken: (place, content) => encryptOnce(key, 'importToken', place, content),
    openToken: (place, sealed) => decryptOnce(key, 'importToken', place, sealed),
    fingerprint(content) {
      // The same key whenever: the nonce of its derivation is nothing but zeroes.
      return hmacSha256(deriveKey(key, 'materialFingerprint', NO_NONCE), content)
    },
  }
}

const NO_NONCE = Buffer.alloc(NONCE_BYTES)
