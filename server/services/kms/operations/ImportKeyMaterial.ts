// https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
import type { Call } from '../../../contract/call.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { Moved } from '../../../contract/operation.ts'
import {
  type ForeignMaterial,
  readForeignMaterial,
  unwrapMaterial,
} from '../../../crypto/wrapped-material.ts'
import type { Checked } from '../../../schema/limits.ts'
import { all, length, oneOf, pattern } from '../../../schema/limits.ts'
import type { Transaction } from '../../../storage/storage.ts'
import {
  ExpiredImportTokenException,
  IncorrectKeyMaterialException,
  InvalidArnException,
  InvalidCiphertextException,
  InvalidImportTokenException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireCreated, requireNotPendingDeletion, requireOrigin } from '../keys/key.ts'
import { daysAfter } from '../keys/key-schedule.ts'
import type { KeyChange } from '../keys/key-store.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { otherRegions, requireNoReplica } from '../keys/multi-region.ts'
import { KEY_ID, KEY_MATERIAL_ID } from '../limits.ts'
import { newMaterialId } from '../material/backing-key-store.ts'
import type { ImportedMaterial } from '../material/imported-material-store.ts'
import { awaitedEntry, keyWith, requireExpected } from '../material/imports.ts'
import type { NewMaterial } from '../material/material-row-store.ts'
import { awaitMaterial } from '../material/related-imports.ts'
import type { KmsChange, KmsStores } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  ExpirationModelType,
  type ImportKeyMaterialRequest,
  type ImportKeyMaterialResponse,
  ImportType,
  kmsSchema,
} from '../wire.ts'

const LONGEST_VALIDITY_DAYS = 365
const IMPORT_BYTES = length(1, 6144)

type Prepared = {
  readonly key: Key
  readonly change: KeyChange
  readonly entry: ImportedMaterial
  readonly material: NewMaterial
  /** Whether it takes the place of the same material. */
  readonly isAgain: boolean
  /** Of material that is new: what the related keys know of it, by Region. */
  readonly awaited: ReadonlyMap<string, ImportedMaterial>
}

export const ImportKeyMaterial: KmsChange<
  ImportKeyMaterialRequest,
  ImportKeyMaterialResponse,
  Key,
  Prepared
> = {
  schema: kmsSchema('ImportKeyMaterial'),
  limits: {
    KeyId: KEY_ID,
    ImportToken: IMPORT_BYTES,
    EncryptedKeyMaterial: IMPORT_BYTES,
    ExpirationModel: oneOf(ExpirationModelType),
    ImportType: oneOf(ImportType),
    KeyMaterialDescription: all(length(0, 256), pattern(/^[a-zA-Z0-9:/_\s.-]+$/)),
    KeyMaterialId: KEY_MATERIAL_ID,
  },
  errors: [
    NotFoundException,
    InvalidArnException,
    KMSInvalidStateException,
    UnsupportedOperationException,
    InvalidImportTokenException,
    ExpiredImportTokenException,
    InvalidCiphertextException,
    IncorrectKeyMaterialException,
  ],
  target(input, call) {
    requireExpiration(input, call.nowMs)
    if (input.ImportType === 'NEW_KEY_MATERIAL' && input.KeyMaterialId !== undefined) {
      throw new ValidationException(
        'KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL',
      )
    }
    return findKey(input.KeyId, call, 'management')
  },
  demands: (target, input, call) => [keyDemand('kms:ImportKeyMaterial', target, call, input)],
  usage: (_target, _input, call) => draw('ImportKeyMaterial', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: [
      'KeyId',
      'ValidTo',
      'ExpirationModel',
      'ImportType',
      'KeyMaterialDescription',
      'KeyMaterialId',
    ],
    showOutput: ['KeyId', 'KeyMaterialId'],
  },
  async prepare(input, key, call) {
    requireOrigin(key, 'EXTERNAL')
    requireCreated(key)
    requireNotPendingDeletion(key)
    if (key.spec !== 'SYMMETRIC_DEFAULT') requireNothingForSymmetric(input)
    // What is new comes to the primary key first.
    if (input.ImportType === 'NEW_KEY_MATERIAL') requireNoReplica(key)
    const brought = await unwrap(input, key, call)
    const { importedMaterials, fingerprints, backingKeys } = call.stores
    const known = await importedMaterials.list(key)
    const same = await fingerprints.findSame(key, brought, known)
    requireExpected(key, input, known, same)
    const entry: ImportedMaterial = {
      materialId: same?.materialId ?? newMaterialId(),
      state: same?.state ?? (known.length === 0 ? 'ASSOCIATED' : 'PENDING_ROTATION'),
      ...(await fingerprints.of(key, brought)),
      isPresent: true,
      expiresAtMs: input.ValidTo?.getTime(),
      description: input.KeyMaterialDescription ?? same?.description,
    }
    const { materialId } = entry
    const others = known.filter((each) => each !== same)
    const awaited = new Map<string, ImportedMaterial>()
    for (const region of same === undefined ? otherRegions(key) : []) {
      const fingerprint = await fingerprints.of({ ...key, region }, brought)
      awaited.set(region, awaitedEntry(entry, fingerprint))
    }
    return {
      key,
      entry,
      change: { ...keyWith(key, [...others, entry]), ...(known.length === 0 && { materialId }) },
      material: await backingKeys.wrap(key, materialId, brought),
      isAgain: same !== undefined,
      awaited,
    }
  },
  async apply({ key, change, entry, material, isAgain, awaited }, tx, call) {
    const { keys, backingKeys, importedMaterials } = call.stores
    await keys.change(tx, key, change)
    if (isAgain) await backingKeys.replace(tx, key, material)
    else await backingKeys.insert(tx, key, material)
    await importedMaterials.put(tx, key, entry)
    if (!isAgain) await announceToRelated(key, awaited, tx, call)
    const isOneOfSeveral = key.spec === 'SYMMETRIC_DEFAULT'
    return { KeyId: key.arn, ...(isOneOfSeveral && { KeyMaterialId: entry.materialId }) }
  },
}

/** The related keys know of new material from the moment in which it is there, and none of it goes to them. */
async function announceToRelated(
  key: Key,
  awaited: ReadonlyMap<string, ImportedMaterial>,
  tx: Transaction,
  { stores }: Call<KmsStores>,
): Promise<void> {
  const history = { createdAtMs: key.createdAtMs, rotationNumber: null, rotationType: null }
  for (const other of await stores.related.list(tx, key)) {
    const entry = awaited.get(other.region)
    // It was made a replica after this had been prepared.
    if (entry === undefined) throw new Moved()
    await awaitMaterial(stores, tx, other, { entry, history })
  }
  await stores.related.change(tx, key, () => ({}))
}

/** The material that the token's private key unwraps, where it is one for this key. */
async function unwrap(
  input: Checked<ImportKeyMaterialRequest>,
  key: Key,
  call: Call<KmsStores>,
): Promise<ForeignMaterial> {
  const token = await call.stores.importTokens.open(key, input.ImportToken)
  if (token === undefined) throw new InvalidImportTokenException()
  if (token.validToMs <= call.nowMs) throw new ExpiredImportTokenException()
  const { privateKey, algorithm } = token
  const bytes = await unwrapMaterial(privateKey, algorithm, input.EncryptedKeyMaterial)
  if (bytes === undefined) throw new InvalidCiphertextException()
  const material = await readForeignMaterial(key.spec, bytes)
  if (material === undefined) throw IncorrectKeyMaterialException.unfit(key.spec)
  return material
}

function requireExpiration(
  { ExpirationModel: model, ValidTo: validTo }: ImportKeyMaterialRequest,
  nowMs: number,
): void {
  if (model === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (validTo === undefined) return
    throw new ValidationException(
      'A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    )
  }
  if (validTo === undefined) {
    throw new ValidationException(
      'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
    )
  }
  const validToMs = validTo.getTime()
  if (validToMs <= nowMs || validToMs > daysAfter(nowMs, LONGEST_VALIDITY_DAYS)) {
    throw new ValidationException(
      `The validTo date must be in the future, and at most ${LONGEST_VALIDITY_DAYS} days from now`,
    )
  }
}

/** Other keys have one material for ever, so there is nothing to tell it from. */
function requireNothingForSymmetric(input: ImportKeyMaterialRequest): void {
  for (const name of ['ImportType', 'KeyMaterialDescription', 'KeyMaterialId'] as const) {
    if (input[name] !== undefined) {
      throw new ValidationException(`${name} is supported only for symmetric encryption KMS keys.`)
    }
  }
}
