// A KMS key and what it may do now.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
import type { Scope } from '../../../contract/call.ts'
import {
  type AlgorithmsOf,
  algorithmsOf,
  type KeySpec,
  type KeyUsage,
} from '../../../crypto/algorithms.ts'
import {
  DisabledException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  UnsupportedOperationException,
} from '../errors.ts'
import type { CustomerMasterKeySpec, KeyMetadata } from '../wire.ts'
import type { KeyAttributes } from './key-attributes-store.ts'
import { expirationMembers, type KeyImport, type KeyOrigin } from './key-import.ts'
import type { KeyPolicy } from './key-policy.ts'
import type { KeySchedule } from './key-schedule.ts'
import { type MultiRegion, multiRegionMembers } from './multi-region.ts'

/** The last three are of multi-Region keys alone. */
export type KeyState =
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingImport'
  | 'PendingReplicaDeletion'
  | 'Creating'
  | 'Updating'

export type Key = Scope &
  KeyPolicy &
  KeyImport & {
    /** A UUID, or `mrk-` and 32 hexadecimal digits; unique within account and Region. */
    readonly id: string
    readonly arn: string
    /** Grows with every change of the row; what was authorized is compared by it. */
    readonly version: number
    readonly state: KeyState
    readonly description: string
    readonly usage: KeyUsage
    readonly spec: KeySpec
    readonly createdAtMs: number
    /** The key material that encrypts now: 64 hexadecimal digits; none where it was never imported. */
    readonly materialId: string
    readonly schedule: KeySchedule
    /** Set where the key is a multi-Region key. */
    readonly multiRegion: MultiRegion | undefined
    /** AWS manages keys of its services, also in the account of a customer. */
    readonly manager: 'CUSTOMER' | 'AWS'
    /** Not of its row, but loaded with it. */
    readonly attributes: KeyAttributes
  }

/** Throws unless the key may do cryptography now. */
export function requireUsable(key: Key): void {
  if (key.state === 'Disabled') throw new DisabledException(key.arn)
  requireEnableable(key)
}

/** Throws unless the key can be enabled and disabled: it has its material, and keeps it. */
export function requireEnableable(key: Key): void {
  requireCreated(key)
  requireNotPendingDeletion(key)
  if (key.state === 'PendingImport') throw KMSInvalidStateException.pendingImport(key.arn)
}

/** Throws where the material of the key does not come from there. */
export function requireOrigin(key: Key, origin: KeyOrigin): void {
  if (key.origin !== origin) throw UnsupportedOperationException.origin(key.arn, key.origin)
}

/** The key at a moment: past its date imported material is gone, even where its removal has to wait. */
export function asOf(key: Key, nowMs: number): Key {
  const expiresAtMs = key.imported?.expiresAtMs
  if (expiresAtMs === undefined || expiresAtMs > nowMs) return key
  const state = isPendingDeletion(key) ? key.state : 'PendingImport'
  return { ...key, state, imported: undefined }
}

/** Throws where the key is a replica that is not ready. */
export function requireCreated(key: Key): void {
  if (key.state === 'Creating') throw KMSInvalidStateException.creating(key.arn)
}

/** Throws while the key is made in its Region, or takes another part there. */
export function requireSettled(key: Key): void {
  requireCreated(key)
  requireNotUpdating(key)
}

/** Throws while the key becomes a primary key or a replica. */
export function requireNotUpdating(key: Key): void {
  if (key.state === 'Updating') throw KMSInvalidStateException.updating(key.arn)
}

/** Whether the key is waiting for its deletion, or for the one of its replicas. */
export function isPendingDeletion({ state }: Key): boolean {
  return state === 'PendingDeletion' || state === 'PendingReplicaDeletion'
}

/** Throws where the key is waiting for its deletion, or for the one of its replicas. */
export function requireNotPendingDeletion(key: Key): void {
  if (key.state === 'PendingReplicaDeletion') {
    throw KMSInvalidStateException.pendingReplicaDeletion(key.arn)
  }
  if (key.state === 'PendingDeletion') throw KMSInvalidStateException.pendingDeletion(key.arn)
}

/** Throws where the key is for something else than what `operation` does. */
export function requireUsage(key: Key, usage: KeyUsage, operation: string): void {
  if (key.usage !== usage) throw InvalidKeyUsageException.usage(key.arn, key.usage, operation)
}

/** The algorithm that the caller asked for; throws where it is not one of a key of this spec and usage. */
export function requireAlgorithm<Usage extends KeyUsage>(
  key: Key,
  usage: Usage,
  algorithm: string,
): AlgorithmsOf[Usage] {
  for (const known of algorithmsOf(key.spec, usage)) if (known === algorithm) return known
  throw InvalidKeyUsageException.algorithm(algorithm, key.spec)
}

/** Throws unless the key makes data keys: such are for symmetric encryption alone. */
export function requireSymmetric(key: Key, operation: string): void {
  requireUsage(key, 'ENCRYPT_DECRYPT', operation)
  requireAlgorithm(key, 'ENCRYPT_DECRYPT', 'SYMMETRIC_DEFAULT')
}

/** Throws unless the key can come to have further material. */
export function requireRotatable(key: Key): void {
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw UnsupportedOperationException.rotation()
}

const MEMBERS = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
  ENCAPSULATE_DECAPSULATE: 'EncapsulationAlgorithms',
} as const satisfies Record<KeyUsage, keyof KeyMetadata>

/** Spec, usage and algorithms, as every description of a key has them. */
export function keyCapabilities(key: Key) {
  return {
    KeyUsage: key.usage,
    // Deprecated, and its enumeration has no new specs, but AWS goes on telling the same in both.
    CustomerMasterKeySpec: key.spec as CustomerMasterKeySpec,
    KeySpec: key.spec,
    [MEMBERS[key.usage]]: [...algorithmsOf(key.spec, key.usage)],
  }
}

/** The key as DescribeKey tells it. */
export function keyMetadata(key: Key): KeyMetadata {
  const { deletesAtMs, windowDays } = key.schedule
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAtMs),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyState: key.state,
    ...(deletesAtMs !== undefined && { DeletionDate: new Date(deletesAtMs) }),
    ...(windowDays !== undefined && { PendingDeletionWindowInDays: windowDays }),
    ...expirationMembers(key.imported),
    Origin: key.origin,
    KeyManager: key.manager,
    ...keyCapabilities(key),
    ...multiRegionMembers(key),
    // Only where there can be several.
    ...(key.spec === 'SYMMETRIC_DEFAULT' &&
      key.materialId !== '' && { CurrentKeyMaterialId: key.materialId }),
  }
}
