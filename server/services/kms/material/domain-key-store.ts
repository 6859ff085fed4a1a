// Domain keys: one set per Region, wrapped by the root key, each wrapping the backing keys made while
// it was the newest. A rotation adds a generation; old ones stay for what they wrapped.
import { fields } from '../../../crypto/fields.ts'
import { needs } from '../../../crypto/needs.ts'
import { decryptOnce, encryptOnce } from '../../../crypto/one-time-encryption.ts'
import { randomBytes, randomUuid } from '../../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../../crypto/secret-key.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { KmsTables } from '../tables.ts'

export type DomainKey = {
  readonly id: string
  /** Wraps a backing key for the place that `binding` names. */
  wrap(binding: Uint8Array, material: Uint8Array): Buffer
  /** The backing key again; throws where it was wrapped by another key or for another place. */
  unwrap(binding: Uint8Array, wrapped: Uint8Array): Buffer
}

export type DomainKeyStore = {
  /** The newest domain key of the Region: wraps new material. */
  newest(region: string): Promise<DomainKey>
  get(id: string): Promise<DomainKey>
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
    const id = randomUuid()
    const wrapped = rootKey.wrap('domainKey', binding(id, region), randomBytes(32))
    await storage.write((tx) =>
      tx.db
        .$extendTables<KmsTables>()
        .insertInto('kms_domain_keys')
        .values({
          domain_key_id: id,
          region,
          generation: 1,
          root_key_id: rootKey.id,
          wrapped,
          created_at_ms: Date.now(),
        })
        // Another process may have been faster: its key counts.
        .onConflict((conflict) => conflict.columns(['region', 'generation']).doNothing())
        .execute(),
    )
  }

  function unwrap(row: KmsTables['kms_domain_keys']): DomainKey {
    const bytes = rootKey.unwrap('domainKey', binding(row.domain_key_id, row.region), row.wrapped)
    const domainKey = domainKeyOver(row.domain_key_id, secretKey(bytes))
    opened.set(domainKey.id, domainKey)
    return domainKey
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
      const known = opened.get(id)
      if (known) return known
      const row = await db
        .selectFrom('kms_domain_keys')
        .selectAll()
        .where('domain_key_id', '=', id)
        .executeTakeFirstOrThrow()
      return unwrap(row)
    },
  }
}

function binding(id: string, region: string): Buffer {
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
  }
}
