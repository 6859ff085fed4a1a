// The stores of KMS over a fresh database, as a process of the server opens them.
import { randomBytes, randomUuid } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import { type RootKey, rootKey } from '../../../seal/root-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import { NO_ATTRIBUTES } from '../keys/key-attributes-store.ts'
import { MADE_HERE } from '../keys/key-import.ts'
import { defaultKeyPolicy, NO_POLICY_PRINCIPALS } from '../keys/key-policy.ts'
import { keyArn } from '../keys/key-reference.ts'
import { NOTHING_SCHEDULED } from '../keys/key-schedule.ts'
import { type KeyStore, keyStores } from '../keys/key-store.ts'
import { type BackingKeyStore, backingKeyStore } from '../material/backing-key-store.ts'
import { type DomainKeyStore, openDomainKeyStore } from '../material/domain-key-store.ts'

export const SCOPE = { account: '111122223333', region: 'us-east-1' } as const

const SYMMETRIC = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' } as const

export type Stores = {
  readonly storage: Storage
  readonly keys: KeyStore
  readonly domainKeys: DomainKeyStore
  readonly backingKeys: BackingKeyStore
}

export function newRootKey(): RootKey {
  return rootKey(randomBytes(16).toString('hex'), secretKey(randomBytes(32)))
}

export async function openStores(storage: Storage, root: RootKey, scope = SCOPE): Promise<Stores> {
  const domainKeys = await openDomainKeyStore(storage, root, [scope.region])
  return {
    storage,
    keys: keyStores(storage, root)(scope),
    domainKeys,
    backingKeys: backingKeyStore(storage, domainKeys),
  }
}

/** Makes a key with its material, as CreateKey does. */
export async function insertKey(
  stores: Stores,
  scope = SCOPE,
  kind: Pick<Key, 'spec' | 'usage'> = SYMMETRIC,
): Promise<Key> {
  const id = randomUuid()
  const place = { ...scope, id, ...kind }
  const material = await stores.backingKeys.generate(place)
  const key: Key = {
    ...place,
    arn: keyArn(scope, id),
    version: 1,
    state: 'Enabled',
    description: 'of a test',
    createdAtMs: 1_700_000_000_123,
    policy: defaultKeyPolicy(scope.account),
    policyPrincipals: NO_POLICY_PRINCIPALS,
    materialId: material.materialId,
    schedule: NOTHING_SCHEDULED,
    ...MADE_HERE,
    multiRegion: undefined,
    manager: 'CUSTOMER',
    attributes: NO_ATTRIBUTES,
  }
  await stores.storage.write(async (tx) => {
    await stores.keys.insert(tx, key)
    await stores.backingKeys.insert(tx, key, material)
  })
  return key
}
