// https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html
import { ValidationException } from '../../../contract/errors.ts'
import {
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireOrigin, requireSettled } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID, KEY_MATERIAL_ID } from '../limits.ts'
import type { ImportedMaterial } from '../material/imported-material-store.ts'
import { deleteMaterial, isDeletable } from '../material/imports.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  type DeleteImportedKeyMaterialRequest,
  type DeleteImportedKeyMaterialResponse,
  kmsSchema,
} from '../wire.ts'

type Prepared = {
  readonly key: Key
  readonly materials: readonly ImportedMaterial[]
  /** Nothing where the key never had any. */
  readonly gone: ImportedMaterial | undefined
}

export const DeleteImportedKeyMaterial: KmsChange<
  DeleteImportedKeyMaterialRequest,
  DeleteImportedKeyMaterialResponse,
  Key,
  Prepared
> = {
  schema: kmsSchema('DeleteImportedKeyMaterial'),
  limits: { KeyId: KEY_ID, KeyMaterialId: KEY_MATERIAL_ID },
  errors: [
    NotFoundException,
    InvalidArnException,
    KMSInvalidStateException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [
    keyDemand('kms:DeleteImportedKeyMaterial', target, call, input),
  ],
  usage: (_target, _input, call) => draw('DeleteImportedKeyMaterial', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: ['KeyId', 'KeyMaterialId'],
    showOutput: ['KeyId', 'KeyMaterialId'],
  },
  async prepare({ KeyMaterialId: named }, key, call) {
    requireOrigin(key, 'EXTERNAL')
    requireSettled(key)
    if (named !== undefined && key.spec !== 'SYMMETRIC_DEFAULT') {
      throw new ValidationException(
        'KeyMaterialId is supported only for symmetric encryption KMS keys.',
      )
    }
    const materials = await call.stores.importedMaterials.list(key)
    const id = named ?? key.materialId
    const gone = materials.find(({ materialId }) => materialId === id)
    if (named !== undefined && gone === undefined) {
      throw NotFoundException.keyMaterial(named, key.arn)
    }
    return { key, materials, gone }
  },
  async apply({ key, materials, gone }, tx, call) {
    if (gone !== undefined && isDeletable(key, gone)) {
      const change = await deleteMaterial(call.stores, tx, key, materials, gone)
      await call.stores.keys.change(tx, key, change)
    }
    const isOneOfSeveral = gone !== undefined && key.spec === 'SYMMETRIC_DEFAULT'
    return { KeyId: key.arn, ...(isOneOfSeveral && { KeyMaterialId: gone.materialId }) }
  },
}
