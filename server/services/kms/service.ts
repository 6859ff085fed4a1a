// KMS as a service: its name, wire protocol, operations and stores.
import type { Scope } from '../../contract/call.ts'
import type { Service } from '../../contract/service.ts'
import { aliasStores } from './aliases/alias-store.ts'
import { attestations } from './attestation/attestations.ts'
import { KMSInternalException } from './errors.ts'
import { grantStore } from './grants/grant-store.ts'
import { grantTokens } from './grants/grant-token.ts'
import { deleteKeys } from './jobs/delete-keys.ts'
import { expireMaterials } from './jobs/expire-materials.ts'
import { rotateKeys } from './jobs/rotate-keys.ts'
import { synchronizeKeys } from './jobs/synchronize-keys.ts'
import { dueKeyDirectory } from './keys/due-key-directory.ts'
import { keyStores } from './keys/key-store.ts'
import { relatedKeys } from './keys/related-keys.ts'
import { CreateManagedKey } from './managed-keys/CreateManagedKey.ts'
import { backingKeyStore } from './material/backing-key-store.ts'
import { crossing } from './material/crossing.ts'
import { openDomainKeyStore } from './material/domain-key-store.ts'
import { importTokens } from './material/import-token.ts'
import { importedMaterialStore } from './material/imported-material-store.ts'
import { fingerprints } from './material/material-fingerprint.ts'
import { rotationStore } from './material/rotation-store.ts'
import { keysMigration } from './migrations/0001-keys.ts'
import { aliasesMigration } from './migrations/0002-aliases.ts'
import { tagsMigration } from './migrations/0003-tags.ts'
import { rotationAndDeletionMigration } from './migrations/0004-rotation-and-deletion.ts'
import { rowMacsMigration } from './migrations/0005-row-macs.ts'
import { tagMacsMigration } from './migrations/0006-tag-macs.ts'
import { policyPrincipalsMigration } from './migrations/0007-policy-principals.ts'
import { publicKeysMigration } from './migrations/0008-public-keys.ts'
import { grantsMigration } from './migrations/0009-grants.ts'
import { importedMaterialsMigration } from './migrations/0010-imported-materials.ts'
import { multiRegionKeysMigration } from './migrations/0011-multi-region-keys.ts'
import { keyUsageMigration } from './migrations/0012-key-usage.ts'
import { managedKeysMigration } from './migrations/0013-managed-keys.ts'
import type { KmsStores } from './operation.ts'
import { CancelKeyDeletion } from './operations/CancelKeyDeletion.ts'
import { ConnectCustomKeyStore } from './operations/ConnectCustomKeyStore.ts'
import { CreateAlias } from './operations/CreateAlias.ts'
import { CreateCustomKeyStore } from './operations/CreateCustomKeyStore.ts'
import { CreateGrant } from './operations/CreateGrant.ts'
import { CreateKey } from './operations/CreateKey.ts'
import { Decapsulate } from './operations/Decapsulate.ts'
import { Decrypt } from './operations/Decrypt.ts'
import { DeleteAlias } from './operations/DeleteAlias.ts'
import { DeleteCustomKeyStore } from './operations/DeleteCustomKeyStore.ts'
import { DeleteImportedKeyMaterial } from './operations/DeleteImportedKeyMaterial.ts'
import { DeriveSharedSecret } from './operations/DeriveSharedSecret.ts'
import { DescribeCustomKeyStores } from './operations/DescribeCustomKeyStores.ts'
import { DescribeKey } from './operations/DescribeKey.ts'
import { DisableKey } from './operations/DisableKey.ts'
import { DisableKeyRotation } from './operations/DisableKeyRotation.ts'
import { DisconnectCustomKeyStore } from './operations/DisconnectCustomKeyStore.ts'
import { EnableKey } from './operations/EnableKey.ts'
import { EnableKeyRotation } from './operations/EnableKeyRotation.ts'
import { Encapsulate } from './operations/Encapsulate.ts'
import { Encrypt } from './operations/Encrypt.ts'
import { GenerateDataKey } from './operations/GenerateDataKey.ts'
import { GenerateDataKeyPair } from './operations/GenerateDataKeyPair.ts'
import { GenerateDataKeyPairWithoutPlaintext } from './operations/GenerateDataKeyPairWithoutPlaintext.ts'
import { GenerateDataKeyWithoutPlaintext } from './operations/GenerateDataKeyWithoutPlaintext.ts'
import { GenerateMac } from './operations/GenerateMac.ts'
import { GenerateRandom } from './operations/GenerateRandom.ts'
import { GetKeyLastUsage } from './operations/GetKeyLastUsage.ts'
import { GetKeyPolicy } from './operations/GetKeyPolicy.ts'
import { GetKeyRotationStatus } from './operations/GetKeyRotationStatus.ts'
import { GetParametersForImport } from './operations/GetParametersForImport.ts'
import { GetPublicKey } from './operations/GetPublicKey.ts'
import { ImportKeyMaterial } from './operations/ImportKeyMaterial.ts'
import { ListAliases } from './operations/ListAliases.ts'
import { ListGrants } from './operations/ListGrants.ts'
import { ListKeyPolicies } from './operations/ListKeyPolicies.ts'
import { ListKeyRotations } from './operations/ListKeyRotations.ts'
import { ListKeys } from './operations/ListKeys.ts'
import { ListResourceTags } from './operations/ListResourceTags.ts'
import { ListRetirableGrants } from './operations/ListRetirableGrants.ts'
import { PutKeyPolicy } from './operations/PutKeyPolicy.ts'
import { ReEncrypt } from './operations/ReEncrypt.ts'
import { ReplicateKey } from './operations/ReplicateKey.ts'
import { RetireGrant } from './operations/RetireGrant.ts'
import { RevokeGrant } from './operations/RevokeGrant.ts'
import { RotateKeyOnDemand } from './operations/RotateKeyOnDemand.ts'
import { ScheduleKeyDeletion } from './operations/ScheduleKeyDeletion.ts'
import { Sign } from './operations/Sign.ts'
import { TagResource } from './operations/TagResource.ts'
import { UntagResource } from './operations/UntagResource.ts'
import { UpdateAlias } from './operations/UpdateAlias.ts'
import { UpdateCustomKeyStore } from './operations/UpdateCustomKeyStore.ts'
import { UpdateKeyDescription } from './operations/UpdateKeyDescription.ts'
import { UpdatePrimaryRegion } from './operations/UpdatePrimaryRegion.ts'
import { Verify } from './operations/Verify.ts'
import { VerifyMac } from './operations/VerifyMac.ts'
import { kmsProtectedTables } from './protected-tables.ts'
import { openTagStore } from './tags/tag-store.ts'
import { keyUsageStore } from './usage/key-usage-store.ts'

export const kms: Service = {
  name: 'kms',
  eventSource: 'kms.amazonaws.com',
  wire: { kind: 'aws-json', version: '1.1', targetPrefix: 'TrentService' },
  globalRegion: undefined,
  // The largest request is an attestation document (262,144 bytes) in base64 with its context.
  maxBodyBytes: 1024 * 1024,
  internalFailure: KMSInternalException,
  operations: {
    CancelKeyDeletion,
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    Decapsulate,
    Decrypt,
    DeleteAlias,
    DeleteCustomKeyStore,
    DeleteImportedKeyMaterial,
    DeriveSharedSecret,
    DescribeCustomKeyStores,
    DescribeKey,
    DisableKey,
    DisableKeyRotation,
    DisconnectCustomKeyStore,
    EnableKey,
    EnableKeyRotation,
    Encapsulate,
    Encrypt,
    GenerateDataKey,
    GenerateDataKeyPair,
    GenerateDataKeyPairWithoutPlaintext,
    GenerateDataKeyWithoutPlaintext,
    GenerateMac,
    GenerateRandom,
    GetKeyLastUsage,
    GetKeyPolicy,
    GetKeyRotationStatus,
    GetParametersForImport,
    GetPublicKey,
    ImportKeyMaterial,
    ListAliases,
    ListGrants,
    ListKeyPolicies,
    ListKeyRotations,
    ListKeys,
    ListResourceTags,
    ListRetirableGrants,
    PutKeyPolicy,
    ReEncrypt,
    RetireGrant,
    RevokeGrant,
    ReplicateKey,
    RotateKeyOnDemand,
    ScheduleKeyDeletion,
    Sign,
    TagResource,
    UntagResource,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateKeyDescription,
    UpdatePrimaryRegion,
    Verify,
    VerifyMac,
  },
  innerOperations: [CreateManagedKey],
  migrations: [
    keysMigration,
    aliasesMigration,
    tagsMigration,
    rotationAndDeletionMigration,
    rowMacsMigration,
    tagMacsMigration,
    policyPrincipalsMigration,
    publicKeysMigration,
    grantsMigration,
    importedMaterialsMigration,
    multiRegionKeysMigration,
    keyUsageMigration,
    managedKeysMigration,
  ],
  protectedTables: kmsProtectedTables,
  async open({ storage, rootKey, regions, identities, nitroRoots, log, beforeEnd }) {
    const keys = keyStores(storage, rootKey)
    const aliases = aliasStores(storage, rootKey)
    const grants = grantStore(storage, rootKey)
    const tokens = grantTokens(rootKey)
    const domainKeys = await openDomainKeyStore(storage, rootKey, regions)
    const shared = {
      backingKeys: backingKeyStore(storage, domainKeys),
      rotations: rotationStore(storage),
      importTokens: importTokens(domainKeys),
      importedMaterials: importedMaterialStore(storage, rootKey),
      fingerprints: fingerprints(domainKeys),
      attestations: attestations(nitroRoots),
    }
    const keyUsage = keyUsageStore(storage, rootKey, log)
    beforeEnd(keyUsage.flush)
    const related = relatedKeys(dueKeyDirectory(storage, rootKey))
    const regionCrossing = crossing(storage, domainKeys)
    return (scope: Scope): KmsStores => ({
      keys: keys(scope),
      aliases: aliases(scope),
      ofAccount(account) {
        const other = { ...scope, account }
        return { keys: keys(other), aliases: aliases(other) }
      },
      inRegion(region) {
        const other = { ...scope, region }
        return { keys: keys(other), tags: openTagStore(storage, rootKey, other) }
      },
      regions,
      related,
      crossing: regionCrossing,
      tags: openTagStore(storage, rootKey, scope),
      ...shared,
      principals: identities,
      grants,
      grantTokens: tokens,
      keyUsage,
    })
  },
  async jobs({ storage, rootKey, regions }) {
    const domainKeys = await openDomainKeyStore(storage, rootKey, regions)
    const dueKeys = dueKeyDirectory(storage, rootKey)
    const backingKeys = backingKeyStore(storage, domainKeys)
    const importedMaterials = importedMaterialStore(storage, rootKey)
    return [
      deleteKeys(dueKeys),
      rotateKeys(dueKeys, backingKeys, importedMaterials, crossing(storage, domainKeys)),
      expireMaterials(dueKeys, backingKeys, importedMaterials),
      synchronizeKeys(dueKeys, backingKeys, rotationStore(storage)),
    ]
  },
}
