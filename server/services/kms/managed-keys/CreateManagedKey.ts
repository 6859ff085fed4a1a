// Makes the key that AWS manages for a service in an account, or the one that the service owns itself.
// No request can name this operation: KMS invokes it at the first use. In records it is CreateKey.
import type { Call, Scope } from '../../../contract/call.ts'
import { INTERNAL_ACCOUNT } from '../../../contract/caller.ts'
import { noConditions } from '../../../contract/demand.ts'
import { randomUuid } from '../../../crypto/random.ts'
import { compilePolicyText } from '../../../policy/compiled-policy.ts'
import { ownSchema } from '../../../schema/own-shape.ts'
import { aliasArn } from '../aliases/alias.ts'
import { AlreadyExistsException } from '../errors.ts'
import { type Key, keyMetadata } from '../keys/key.ts'
import { MADE_HERE } from '../keys/key-import.ts'
import { NO_POLICY_PRINCIPALS } from '../keys/key-policy.ts'
import { keyArn } from '../keys/key-reference.ts'
import { daysAfter, NOTHING_SCHEDULED } from '../keys/key-schedule.ts'
import type { NewMaterial } from '../material/material-row-store.ts'
import type { KmsChange } from '../operation.ts'
import { type CreateKeyResponse, kmsSchema } from '../wire.ts'
import { MANAGED_KEY_KINDS } from './managed-key-kinds.ts'
import { managedKeyPolicy, ownedKeyPolicy } from './managed-key-policy.ts'

export type CreateManagedKeyRequest = {
  /** `alias/aws/s3`; the key of the internal account is the one that the service owns. */
  readonly AliasName: string
  readonly Account: string
}

type NewKey = { readonly alias: string; readonly key: Key; readonly material: NewMaterial }

export const MANAGED_PREFIX = 'alias/aws/'
const ROTATION_DAYS = 365

/** Nobody but KMS itself makes such keys. */
const MAKER = compilePolicyText(
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'kms.amazonaws.com' },
      Action: 'kms:CreateKey',
      Resource: '*',
    },
  }),
  'key',
  'who makes AWS managed keys',
)

export const CreateManagedKey: KmsChange<
  CreateManagedKeyRequest,
  CreateKeyResponse,
  'account',
  NewKey
> = {
  schema: {
    name: 'CreateKey',
    input: ownSchema<CreateManagedKeyRequest, object>(
      'CreateManagedKey',
      { AliasName: 'string!', Account: 'string!' },
      {},
    ).input,
    output: kmsSchema('CreateKey').output,
  },
  limits: {},
  errors: [AlreadyExistsException],
  target: () => 'account',
  demands: (_target, { Account: owner }) => [
    {
      action: 'kms:CreateKey',
      resource: '*',
      owner,
      conditions: noConditions,
      denial: undefined,
      authority: 'delegation',
      policy: MAKER,
      grants: [],
    },
  ],
  usage: () => [],
  resources: (_target, output) => {
    const { AWSAccountId: account = '', Arn: arn } = output?.KeyMetadata ?? {}
    return arn === undefined ? [] : [{ account, type: 'AWS::KMS::Key', arn }]
  },
  audit: { readOnly: false, show: ['AliasName'], showOutput: ['KeyMetadata'] },
  async prepare({ AliasName: alias, Account: account }, _target, call) {
    const scope = { account, region: call.region }
    const kind = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' } as const
    const place = { ...scope, id: randomUuid(), ...kind }
    const material = await call.stores.backingKeys.generate(place)
    const key: Key = {
      ...place,
      ...MADE_HERE,
      ...textsOf(alias, scope),
      arn: keyArn(scope, place.id),
      version: 1,
      state: 'Enabled',
      createdAtMs: call.nowMs,
      policyPrincipals: NO_POLICY_PRINCIPALS,
      materialId: material.materialId,
      schedule: {
        ...NOTHING_SCHEDULED,
        rotation: { periodDays: ROTATION_DAYS, nextAtMs: daysAfter(call.nowMs, ROTATION_DAYS) },
      },
      multiRegion: undefined,
      manager: 'AWS',
      attributes: { tags: [], aliases: [alias] },
    }
    return { alias, key, material }
  },
  async apply({ alias: name, key, material }, tx, call) {
    const { account, region } = key
    const arn = aliasArn(key, name)
    const { keys, aliases } = call.stores.ofAccount(account)
    await keys.insert(tx, key)
    await call.stores.backingKeys.insert(tx, key, material)
    const isFirst = await aliases.insert(tx, {
      account,
      region,
      name,
      arn,
      version: 1,
      keyId: key.id,
      createdAtMs: call.nowMs,
      updatedAtMs: call.nowMs,
    })
    // Another process made it at this moment: the key of this one goes with the transaction.
    if (!isFirst) throw AlreadyExistsException.alias(arn)
    return { KeyMetadata: keyMetadata(key) }
  },
}

function textsOf(alias: string, scope: Scope): Pick<Key, 'description' | 'policy'> {
  const name = alias.slice(MANAGED_PREFIX.length)
  if (scope.account === INTERNAL_ACCOUNT) {
    return { description: `Owned by ${name}`, policy: ownedKeyPolicy(name) }
  }
  const kind = MANAGED_KEY_KINDS.find((one) => one.name === name)
  if (kind === undefined) throw new Error(`AWS manages no key ${alias}`)
  return {
    description: `Default key that protects my ${kind.protects} when no other key is defined`,
    policy: managedKeyPolicy(kind, scope),
  }
}

/** Whether this call is a use by the service that the key of this alias is for. */
export function isUseByService(alias: string, { account, caller, via }: Call): boolean {
  const name = alias.slice(MANAGED_PREFIX.length)
  if (account === INTERNAL_ACCOUNT) {
    return caller.principal.kind === 'service' && caller.arn === `${name}.amazonaws.com`
  }
  const kind = MANAGED_KEY_KINDS.find((one) => one.name === name)
  return kind !== undefined && via.at(-1) === `${kind.service}.amazonaws.com`
}
