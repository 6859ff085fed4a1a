// A KMS key and what it may do now.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
import type { Scope } from '../../../contract/call.ts'
import { DisabledException, InvalidKeyUsageException, KMSInvalidStateException } from '../errors.ts'
import type { KeyMetadata } from '../wire.ts'
import type { KeyAttributes } from './key-attributes-store.ts'
import type { KeyPolicy } from './key-policy.ts'
import type { KeySchedule } from './key-schedule.ts'

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion'

export type Key = Scope &
  KeyPolicy & {
    /** A UUID; unique within account and Region. */
    readonly id: string
    readonly arn: string
    /** Grows with every change of the row; what was authorized is compared by it. */
    readonly version: number
    readonly state: KeyState
    readonly description: string
    readonly usage: 'ENCRYPT_DECRYPT'
    readonly spec: 'SYMMETRIC_DEFAULT'
    readonly createdAtMs: number
    /** The key material that encrypts now: 64 hexadecimal digits. */
    readonly materialId: string
    readonly schedule: KeySchedule
    /** Not of its row, but loaded with it. */
    readonly attributes: KeyAttributes
  }

/** Throws unless the key may do cryptography now. */
export function requireUsable(key: Key): void {
  if (key.state === 'Disabled') throw new DisabledException(key.arn)
  requireNotPendingDeletion(key)
}

/** Throws where the key is waiting for its deletion. */
export function requireNotPendingDeletion(key: Key): void {
  if (key.state === 'PendingDeletion') throw KMSInvalidStateException.pendingDeletion(key.arn)
}

/** Throws where the caller asked for an algorithm that is not the key's. */
export function requireAlgorithm(key: Key, algorithm: string | undefined): void {
  if (algorithm !== undefined && algorithm !== 'SYMMETRIC_DEFAULT') {
    throw InvalidKeyUsageException.algorithm(algorithm, key.spec)
  }
}

/** The key as DescribeKey tells it. */
export function keyMetadata(key: Key): KeyMetadata {
  const { deletesAtMs } = key.schedule
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAtMs),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(deletesAtMs !== undefined && { DeletionDate: new Date(deletesAtMs) }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: key.materialId,
  }
}
