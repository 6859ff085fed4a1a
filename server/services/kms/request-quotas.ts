// The request quotas that KMS operations draw on. Operations of one quota share it.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
import type { Call } from '../../contract/call.ts'
import type { Usage } from '../../contract/demand.ts'

/** The names of the quotas, as Service Quotas tells them. */
export type RequestQuota =
  | 'CryptographicOperationsSymmetric'
  | 'CancelKeyDeletion'
  | 'CreateAlias'
  | 'CreateKey'
  | 'DeleteAlias'
  | 'DescribeKey'
  | 'DisableKey'
  | 'DisableKeyRotation'
  | 'EnableKey'
  | 'EnableKeyRotation'
  | 'GetKeyPolicy'
  | 'GetKeyRotationStatus'
  | 'ListAliases'
  | 'ListKeyPolicies'
  | 'ListKeyRotations'
  | 'ListKeys'
  | 'ListResourceTags'
  | 'PutKeyPolicy'
  | 'RotateKeyOnDemand'
  | 'ScheduleKeyDeletion'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateAlias'
  | 'UpdateKeyDescription'

/** One draw on `quota`, paid by the calling account, whoever owns the key. */
export function draw(quota: RequestQuota, call: Call): readonly Usage[] {
  return [{ quota, payer: call.caller.account, count: 1 }]
}
