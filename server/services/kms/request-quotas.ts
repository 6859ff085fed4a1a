// The request quotas that KMS operations draw on. Operations of one quota share it.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
import type { Call } from '../../contract/call.ts'
import { INTERNAL_ACCOUNT } from '../../contract/caller.ts'
import type { Usage } from '../../contract/demand.ts'
import { Missing } from '../../contract/operation.ts'
import { materialForm } from '../../crypto/algorithms.ts'
import type { Key } from './keys/key.ts'
import type { DataKeyPairSpec } from './wire.ts'

/** The names of the quotas, as Service Quotas tells them. */
export type RequestQuota =
  | 'CryptographicOperationsSymmetric'
  | 'CryptographicOperationsRsa'
  | 'CryptographicOperationsEcc'
  | 'CryptographicOperationsMlDsa'
  | 'CryptographicOperationsMlKem'
  | `GenerateDataKeyPair(${DataKeyPairSpec})`
  | 'CancelKeyDeletion'
  | 'ConnectCustomKeyStore'
  | 'CreateCustomKeyStore'
  | 'DeleteCustomKeyStore'
  | 'DescribeCustomKeyStores'
  | 'DisconnectCustomKeyStore'
  | 'UpdateCustomKeyStore'
  | 'CreateAlias'
  | 'CreateGrant'
  | 'CreateKey'
  | 'DeleteAlias'
  | 'DeleteImportedKeyMaterial'
  | 'DescribeKey'
  | 'DisableKey'
  | 'DisableKeyRotation'
  | 'EnableKey'
  | 'EnableKeyRotation'
  | 'GetKeyLastUsage'
  | 'GetKeyPolicy'
  | 'GetParametersForImport'
  | 'GetPublicKey'
  | 'GetKeyRotationStatus'
  | 'ImportKeyMaterial'
  | 'ListAliases'
  | 'ListGrants'
  | 'ListKeyPolicies'
  | 'ListKeyRotations'
  | 'ListKeys'
  | 'ListResourceTags'
  | 'ListRetirableGrants'
  | 'PutKeyPolicy'
  | 'RetireGrant'
  | 'RevokeGrant'
  | 'ReplicateKey'
  | 'RotateKeyOnDemand'
  | 'ScheduleKeyDeletion'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateAlias'
  | 'UpdateKeyDescription'
  | 'UpdatePrimaryRegion'

/** What cryptography with the key draws on; where there is no key, what it mostly is. */
export function cryptographicQuota(key: Key | Missing): RequestQuota {
  if (key instanceof Missing) return 'CryptographicOperationsSymmetric'
  switch (materialForm(key.spec).kind) {
    case 'rsa':
      return 'CryptographicOperationsRsa'
    case 'ec':
    case 'ed25519':
      return 'CryptographicOperationsEcc'
    case 'ml-dsa':
      return 'CryptographicOperationsMlDsa'
    case 'ml-kem':
      return 'CryptographicOperationsMlKem'
    default:
      return 'CryptographicOperationsSymmetric'
  }
}

/** Pairs of each spec have a quota of their own, which both operations that make them share. */
export function dataKeyPairQuota(spec: DataKeyPairSpec): RequestQuota {
  return `GenerateDataKeyPair(${spec})`
}

/**
 * One draw on `quota`, paid by the account in which the call is made, whoever owns the key. What AWS's
 * services do for themselves draws on nobody's.
 */
export function draw(quota: RequestQuota, { account }: Call): readonly Usage[] {
  return account === INTERNAL_ACCOUNT ? NOTHING : [{ quota, payer: account, count: 1 }]
}

const NOTHING: readonly Usage[] = []
