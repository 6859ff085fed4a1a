// https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
// The replica comes with its material, but is not used before `jobs/synchronize-keys.ts` has tried it.
import { type Demand, identityDemand } from '../../../contract/demand.ts'
import { Missing } from '../../../contract/operation.ts'
import {
  AlreadyExistsException,
  DisabledException,
  InvalidArnException,
  KMSInvalidStateException,
  LimitExceededException,
  MalformedPolicyDocumentException,
  NotFoundException,
  TagException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, keyMetadata, requireNotUpdating, requireUsable } from '../keys/key.ts'
import { newReplicaConditions } from '../keys/key-conditions.ts'
import { defaultKeyPolicy, NO_POLICY_PRINCIPALS } from '../keys/key-policy.ts'
import { keyArn } from '../keys/key-reference.ts'
import { NOTHING_SCHEDULED } from '../keys/key-schedule.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { requirePrimary, type WithRegions, withReplica } from '../keys/multi-region.ts'
import { readNewKeyPolicy } from '../keys/new-key-policy.ts'
import { DESCRIPTION, KEY_ID, POLICY, REGION, TAGS } from '../limits.ts'
import type { CrossedMaterial } from '../material/crossing.ts'
import type { AwaitedMaterial } from '../material/imports.ts'
import { awaitMaterial } from '../material/related-imports.ts'
import type { KmsSpreadingChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { readTags, type Tag } from '../tags/tag.ts'
import { kmsSchema, type ReplicateKeyRequest, type ReplicateKeyResponse } from '../wire.ts'
import { CreateKey } from './CreateKey.ts'

type Prepared = {
  readonly primary: Key
  readonly replica: Key & WithRegions
  readonly materials: readonly CrossedMaterial[]
  /** What the owner of imported material is to bring to the replica. */
  readonly awaited: readonly AwaitedMaterial[]
  readonly tags: readonly Tag[]
}

export const ReplicateKey: KmsSpreadingChange<
  ReplicateKeyRequest,
  ReplicateKeyResponse,
  Key,
  Prepared
> = {
  schema: kmsSchema('ReplicateKey'),
  limits: {
    KeyId: KEY_ID,
    ReplicaRegion: REGION,
    Policy: POLICY,
    Description: DESCRIPTION,
    Tags: TAGS,
  },
  errors: [
    AlreadyExistsException,
    DisabledException,
    InvalidArnException,
    KMSInvalidStateException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    NotFoundException,
    TagException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands(target, input, call) {
    const replicate = keyDemand('kms:ReplicateKey', target, call, input)
    if (target instanceof Missing) return [replicate]
    const { ReplicaRegion: region } = input
    const conditions = () => newReplicaConditions(target, input)
    const inReplicaRegion = (action: string, resource: string): Demand => ({
      ...identityDemand(action, resource, call.account, conditions),
      region,
    })
    const create = inReplicaRegion('kms:CreateKey', '*')
    if ((input.Tags ?? []).length === 0) return [replicate, create]
    const arn = keyArn({ account: call.account, region }, target.id)
    return [replicate, create, inReplicaRegion('kms:TagResource', arn)]
  },
  usage: (_target, _input, call) => [
    ...draw('ReplicateKey', call),
    ...draw('CreateKey', call),
    ...draw('CreateKey', call),
  ],
  resources: keyResources,
  audit: {
    readOnly: false,
    show: [
      'KeyId',
      'ReplicaRegion',
      'Policy',
      'BypassPolicyLockoutSafetyCheck',
      'Description',
      'Tags',
    ],
    showOutput: ['ReplicaKeyMetadata', 'ReplicaPolicy', 'ReplicaTags'],
  },
  async prepare(input, key, call) {
    const { ReplicaRegion: region, Policy: text } = input
    requireUsable(key)
    requireNotUpdating(key)
    const primary = requirePrimary(key)
    if (!call.stores.regions.includes(region)) throw UnsupportedOperationException.region(region)
    const { account, id, multiRegion } = primary
    const arn = keyArn({ account, region }, id)
    if (region === primary.region || multiRegion.replicas.includes(region)) {
      throw AlreadyExistsException.key(arn)
    }
    const tags = readTags(input.Tags ?? [])
    const replica: Key & WithRegions = {
      ...primary,
      region,
      arn,
      version: 1,
      state: 'Creating',
      description: input.Description ?? '',
      createdAtMs: call.nowMs,
      policy: defaultKeyPolicy(account),
      policyPrincipals: NO_POLICY_PRINCIPALS,
      schedule: { ...NOTHING_SCHEDULED, rotation: primary.schedule.rotation },
      imported: undefined,
      multiRegion: withReplica(multiRegion, region),
      attributes: { tags, aliases: [] },
    }
    // Whether the caller may put another policy later is asked in the Region of the replica.
    const policy =
      text === undefined ? {} : await readNewKeyPolicy(text, replica, input, { ...call, region })
    const { crossing, importedMaterials } = call.stores
    const isImported = primary.origin === 'EXTERNAL'
    const known = isImported ? await importedMaterials.list(primary) : []
    return {
      primary,
      replica: { ...replica, ...policy },
      materials: isImported ? [] : await crossing.crossAll(primary, region),
      awaited: await crossing.crossKnown(primary, known, region),
      tags,
    }
  },
  async apply({ primary, replica, materials, awaited, tags }, tx, call) {
    const { keys, related, crossing, inRegion } = call.stores
    const { multiRegion } = replica
    await keys.change(tx, primary, { multiRegion })
    await related.change(tx, primary, () => ({ multiRegion }))
    const there = inRegion(replica.region)
    await there.keys.insert(tx, replica)
    for (const material of materials) await crossing.insert(tx, replica, material)
    for (const each of awaited) await awaitMaterial(call.stores, tx, replica, each)
    await there.tags.put(tx, replica.id, tags)
    return {
      ReplicaKeyMetadata: keyMetadata(replica),
      ReplicaPolicy: replica.policy,
      ReplicaTags: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
    }
  },
  elsewhere({ replica }, { ReplicaKeyMetadata }, input) {
    return {
      region: replica.region,
      operation: CreateKey,
      input: {
        Policy: input.Policy,
        Description: replica.description,
        KeyUsage: replica.usage,
        KeySpec: replica.spec,
        Origin: replica.origin,
        BypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck,
        Tags: input.Tags,
        MultiRegion: true,
      },
      output: { KeyMetadata: ReplicaKeyMetadata },
      resources: keyResources(replica),
    }
  },
}
