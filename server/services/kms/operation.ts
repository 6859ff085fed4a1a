// What a KMS operation is: the contract's operation over the stores of KMS.
//
// A call with several faults is told of the first in this order, whatever the operation:
//
//   1. what the input is by itself      `limits`, all that is wrong at once; then in `target` what members say together
//   2. whether the caller may           `demands`, asked for what was named, be it there or not; where it is, after
//                                       the grant tokens, which are no answer of their own for what is not
//   3. whether what was named is there  `Missing`; of two keys the source before the destination
//   4. where the material comes from    `requireOrigin`, of rotation and imports alone
//   5. the state of the key             `requireUsable` and its like in `keys/key.ts`, as `keys/key-states.json` says
//   6. what the key is for              `requireUsage`, then `requireAlgorithm`, `requireRotatable`, `requirePrimary`
//   7. what the input is to this key    digests, public keys, ciphertexts, tokens, policies, tags
//   8. that it would be done            DryRun
//   9. what it meets                    in `apply`: what exists already, quotas, another change (`Moved`)
//
// `order-of-checks.test.ts` takes the faults away one by one.
import type {
  ChangingOperation,
  ReadingOperation,
  SpreadingOperation,
  TellsMore,
  UsingOperation,
} from '../../contract/operation.ts'
import type { AliasStore } from './aliases/alias-store.ts'
import type { Attestations } from './attestation/attestations.ts'
import type { GrantStore } from './grants/grant-store.ts'
import type { GrantTokens } from './grants/grant-token.ts'
import type { KeyStore } from './keys/key-store.ts'
import type { Principals } from './keys/principals.ts'
import type { RelatedKeys } from './keys/related-keys.ts'
import type { BackingKeyStore } from './material/backing-key-store.ts'
import type { Crossing } from './material/crossing.ts'
import type { ImportTokens } from './material/import-token.ts'
import type { ImportedMaterialStore } from './material/imported-material-store.ts'
import type { Fingerprints } from './material/material-fingerprint.ts'
import type { RotationStore } from './material/rotation-store.ts'
import type { TagStore } from './tags/tag-store.ts'
import type { KeyUsageStore } from './usage/key-usage-store.ts'

/** What is needed to find a key. */
export type KeysAndAliases = { readonly keys: KeyStore; readonly aliases: AliasStore }

/** What KMS operations reach through `call.stores`. */
export type KmsStores = KeysAndAliases & {
  /** Keys and aliases of another account, in the same Region. */
  ofAccount(account: string): KeysAndAliases
  /** The keys of the call's account in another Region. */
  inRegion(region: string): Pick<KmsStores, 'keys' | 'tags'>
  /** The Regions that this installation offers. */
  readonly regions: readonly string[]
  readonly related: RelatedKeys
  readonly crossing: Crossing
  readonly tags: TagStore
  readonly backingKeys: BackingKeyStore
  readonly rotations: RotationStore
  readonly importTokens: ImportTokens
  readonly importedMaterials: ImportedMaterialStore
  readonly fingerprints: Fingerprints
  readonly principals: Principals
  readonly grants: GrantStore
  readonly grantTokens: GrantTokens
  readonly keyUsage: KeyUsageStore
  readonly attestations: Attestations
}

export type KmsReading<Input, Output, Target> = ReadingOperation<Input, Output, Target, KmsStores>
/** Uses a key for cryptography, which GetKeyLastUsage tells. */
export type KmsUse<Input, Output, Target> = UsingOperation<Input, Output, Target, KmsStores>
/** One whose answer may be for an attested recipient alone, which is recorded. */
export type KmsAttested<Input, Output, Target> = KmsUse<Input, Output, Target> & TellsMore<Input>
export type KmsAttestedReading<Input, Output, Target> = KmsReading<Input, Output, Target> &
  TellsMore<Input>
export type KmsChange<Input, Output, Target, Prepared> = ChangingOperation<
  Input,
  Output,
  Target,
  KmsStores,
  Prepared
>
export type KmsSpreadingChange<Input, Output, Target, Prepared> = SpreadingOperation<
  Input,
  Output,
  Target,
  KmsStores,
  Prepared
>
