// What people may do with a key, in six words instead of sixty actions: the access capabilities of
// the k9 key policies. Actions that act on no key (kms:CreateKey, kms:ListKeys …) are not among them:
// identity policies decide those, whatever a key policy says.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html

export type Capability =
  | 'administer-resource'
  | 'read-config'
  | 'read-data'
  | 'write-data'
  | 'delete-data'

/** The actions of each capability, in the order in which policies show them. */
export const CAPABILITIES: Readonly<Record<Capability, readonly string[]>> = {
  'administer-resource': [
    'kms:CancelKeyDeletion',
    'kms:CreateAlias',
    'kms:CreateGrant',
    'kms:DeleteAlias',
    'kms:DisableKey',
    'kms:DisableKeyRotation',
    'kms:EnableKey',
    'kms:EnableKeyRotation',
    'kms:PutKeyPolicy',
    'kms:ReplicateKey',
    'kms:RetireGrant',
    'kms:RevokeGrant',
    'kms:RotateKeyOnDemand',
    'kms:ScheduleKeyDeletion',
    'kms:SynchronizeMultiRegionKey',
    'kms:TagResource',
    'kms:UntagResource',
    'kms:UpdateAlias',
    'kms:UpdateKeyDescription',
    'kms:UpdatePrimaryRegion',
  ],
  'read-config': [
    'kms:DescribeKey',
    'kms:GetKeyLastUsage',
    'kms:GetKeyPolicy',
    'kms:GetKeyRotationStatus',
    'kms:GetParametersForImport',
    'kms:GetPublicKey',
    'kms:ListGrants',
    'kms:ListKeyPolicies',
    'kms:ListKeyRotations',
    'kms:ListResourceTags',
  ],
  'read-data': [
    'kms:Decapsulate',
    'kms:Decrypt',
    'kms:DeriveSharedSecret',
    'kms:Verify',
    'kms:VerifyMac',
  ],
  'write-data': [
    'kms:Encapsulate',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyPair',
    'kms:GenerateDataKeyPairWithoutPlaintext',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:GenerateMac',
    'kms:ImportKeyMaterial',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:Sign',
  ],
  'delete-data': ['kms:DeleteImportedKeyMaterial'],
}

/** Every action that acts on a key. */
export const KEY_ACTIONS: readonly string[] = Object.values(CAPABILITIES).flat()
