// The key pair of an asymmetric KMS key, which is its only material for ever.
import type { Call } from '../../../contract/call.ts'
import { type Awaitable, after } from '../../../contract/operation.ts'
import { needs } from '../../../crypto/needs.ts'
import type { Key } from '../keys/key.ts'
import type { KmsStores } from '../operation.ts'
import type { BackingKeyPair } from './backing-key-store.ts'

export function currentKeyPair(key: Key, call: Call<KmsStores>): Awaitable<BackingKeyPair> {
  return after(call.stores.backingKeys.find(key, key.materialId), (material) => {
    // The material of an asymmetric key is a key pair.
    needs(material?.kind === 'pair', 'The material of an asymmetric key is a key pair.')
    return material
  })
}
