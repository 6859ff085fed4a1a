// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { algorithmsOf, isImportable, isKeySpec } from '../../../crypto/algorithms.ts'
import { randomUuid } from '../../../crypto/random.ts'
import { all, length, oneOf, pattern } from '../../../schema/limits.ts'
import {
  LimitExceededException,
  MalformedPolicyDocumentException,
  TagException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, keyMetadata } from '../keys/key.ts'
import { newKeyConditions } from '../keys/key-conditions.ts'
import { defaultKeyPolicy, NO_POLICY_PRINCIPALS } from '../keys/key-policy.ts'
import { keyArn } from '../keys/key-reference.ts'
import { NOTHING_SCHEDULED } from '../keys/key-schedule.ts'
import { newMultiRegionKeyId } from '../keys/multi-region.ts'
import { readNewKeyPolicy } from '../keys/new-key-policy.ts'
import { DESCRIPTION, POLICY, TAGS } from '../limits.ts'
import type { NewMaterial } from '../material/material-row-store.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { readTags, type Tag } from '../tags/tag.ts'
import {
  type CreateKeyRequest,
  type CreateKeyResponse,
  CustomerMasterKeySpec,
  KeySpec,
  KeyUsageType,
  kmsSchema,
  OriginType,
} from '../wire.ts'

type NewKey = {
  readonly key: Key
  /** Nothing where it is to be imported. */
  readonly material: NewMaterial | undefined
  readonly tags: readonly Tag[]
}

export const CreateKey: KmsChange<CreateKeyRequest, CreateKeyResponse, 'account', NewKey> = {
  schema: kmsSchema('CreateKey'),
  limits: {
    Policy: POLICY,
    Description: DESCRIPTION,
    KeyUsage: oneOf(KeyUsageType),
    CustomerMasterKeySpec: oneOf(CustomerMasterKeySpec),
    KeySpec: oneOf(KeySpec),
    Origin: oneOf(OriginType),
    CustomKeyStoreId: length(1, 64),
    XksKeyId: all(length(1, 128), pattern(/^[a-zA-Z0-9-_.]+$/)),
    Tags: TAGS,
  },
  errors: [
    UnsupportedOperationException,
    TagException,
    MalformedPolicyDocumentException,
    LimitExceededException,
  ],
  target: () => 'account',
  demands(_target, input, call) {
    const conditions = () => newKeyConditions(input)
    const create = identityDemand('kms:CreateKey', '*', call.account, conditions)
    if ((input.Tags ?? []).length === 0) return [create]
    // The key has no ARN yet: whoever adds tags at creation may tag any key.
    return [create, identityDemand('kms:TagResource', keyArn(call, '*'), call.account, conditions)]
  },
  usage: (_target, _input, call) => draw('CreateKey', call),
  resources: (_target, output) => {
    const { AWSAccountId: account = '', Arn: arn } = output?.KeyMetadata ?? {}
    return arn === undefined ? [] : [{ account, type: 'AWS::KMS::Key', arn }]
  },
  audit: {
    readOnly: false,
    show: [
      'Policy',
      'Description',
      'KeyUsage',
      'CustomerMasterKeySpec',
      'KeySpec',
      'Origin',
      'BypassPolicyLockoutSafetyCheck',
      'Tags',
      'MultiRegion',
    ],
    showOutput: ['KeyMetadata'],
  },
  async prepare(input, _target, call) {
    const kind = readKind(input)
    const origin = readOrigin(input, kind.spec)
    requireSupported(input)
    const tags = readTags(input.Tags ?? [])
    const { account, region } = call
    const isMultiRegion = input.MultiRegion === true
    const id = isMultiRegion ? newMultiRegionKeyId() : randomUuid()
    const place = { account, region, id, ...kind }
    const key: Key = {
      ...place,
      arn: keyArn(call, id),
      version: 1,
      state: origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
      origin,
      imported: undefined,
      description: input.Description ?? '',
      createdAtMs: call.nowMs,
      policy: defaultKeyPolicy(account),
      policyPrincipals: NO_POLICY_PRINCIPALS,
      materialId: '',
      schedule: NOTHING_SCHEDULED,
      multiRegion: isMultiRegion ? { primary: region, replicas: [] } : undefined,
      manager: 'CUSTOMER',
      attributes: { tags, aliases: [] },
    }
    const { Policy: text } = input
    const policy = text === undefined ? {} : await readNewKeyPolicy(text, key, input, call)
    if (origin === 'EXTERNAL') return { key: { ...key, ...policy }, material: undefined, tags }
    const material = await call.stores.backingKeys.generate(place)
    return { key: { ...key, ...policy, materialId: material.materialId }, material, tags }
  },
  async apply({ key, material, tags }, tx, call) {
    await call.stores.keys.insert(tx, key)
    if (material !== undefined) await call.stores.backingKeys.insert(tx, key, material)
    await call.stores.tags.put(tx, key.id, tags)
    return { KeyMetadata: keyMetadata(key) }
  },
}

/** Spec and usage; the usage goes without saying for symmetric encryption alone. */
function readKind(input: CreateKeyRequest): Pick<Key, 'spec' | 'usage'> {
  const { KeySpec: newSpec, CustomerMasterKeySpec: oldSpec, KeyUsage: usage } = input
  if (newSpec !== undefined && oldSpec !== undefined) {
    throw new ValidationException(
      'You cannot specify both KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    )
  }
  const spec = newSpec ?? oldSpec ?? 'SYMMETRIC_DEFAULT'
  // SM2 is for Regions in China.
  if (!isKeySpec(spec)) throw unsupported(`KeySpec ${spec}`)
  if (usage === undefined && spec !== 'SYMMETRIC_DEFAULT') {
    throw new ValidationException(
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  }
  const kind = { spec, usage: usage ?? 'ENCRYPT_DECRYPT' } as const
  if (algorithmsOf(spec, kind.usage).length === 0) {
    throw new ValidationException(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`)
  }
  return kind
}

/** Where the material comes from: made here, or imported later. */
function readOrigin({ Origin: origin = 'AWS_KMS' }: CreateKeyRequest, spec: Key['spec']) {
  if (origin === 'AWS_KMS') return origin
  if (origin !== 'EXTERNAL') throw unsupported(`Origin ${origin}`)
  if (!isImportable(spec)) throw unsupported(`KeySpec ${spec} with Origin EXTERNAL`)
  return origin
}

/** What this release would have to ignore it refuses. */
function requireSupported(input: CreateKeyRequest): void {
  refuse(input.CustomKeyStoreId !== undefined, 'CustomKeyStoreId')
  refuse(input.XksKeyId !== undefined, 'XksKeyId')
}

function refuse(condition: boolean, what: string): void {
  if (condition) throw unsupported(what)
}

function unsupported(what: string) {
  return UnsupportedOperationException.notHere(what)
}
