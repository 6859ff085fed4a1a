// The condition keys of calls about a KMS key: what the key is, and what was asked for.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
// Made only when a policy asks, so nothing here costs a call whose policies have no conditions.
import type { Call } from '../../../contract/call.ts'
import type { ContextValue } from '../../../policy/context.ts'
import { recipientConditions } from '../attestation/recipient.ts'
import type { EncryptionContext } from '../material/encryption-context.ts'
import type { CreateKeyRequest, GrantConstraints, RecipientInfo, Tag } from '../wire.ts'
import type { Key } from './key.ts'
import { isMultiRegion, multiRegionKeyType } from './multi-region.ts'

type ConditionKey = readonly [key: string, value: ContextValue]

/** The members of requests that policies may ask for, wherever a request has them. */
export type KeyRequest = {
  readonly KeyId?: string | undefined
  readonly EncryptionContext?: EncryptionContext | undefined
  readonly EncryptionAlgorithm?: string | undefined
  readonly GrantTokens?: readonly string[] | undefined
  readonly KeyPairSpec?: string | undefined
  readonly SigningAlgorithm?: string | undefined
  readonly MessageType?: string | undefined
  readonly MacAlgorithm?: string | undefined
  readonly KeyAgreementAlgorithm?: string | undefined
  readonly Tags?: readonly Tag[] | undefined
  readonly TagKeys?: readonly string[] | undefined
  readonly RotationPeriodInDays?: number | undefined
  readonly PendingWindowInDays?: number | undefined
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined
  readonly Operations?: readonly string[] | undefined
  readonly Constraints?: GrantConstraints | undefined
  readonly GranteePrincipal?: string | undefined
  readonly RetiringPrincipal?: string | undefined
  readonly GranteeServicePrincipal?: string | undefined
  readonly RetiringServicePrincipal?: string | undefined
  readonly WrappingAlgorithm?: string | undefined
  readonly WrappingKeySpec?: string | undefined
  readonly ExpirationModel?: string | undefined
  readonly ValidTo?: Date | undefined
  /** Since the key's last use, or its creation: rounded down. */
  readonly daysWithoutUsage?: number | undefined
  readonly ReplicaRegion?: string | undefined
  readonly PrimaryRegion?: string | undefined
  /** Of ReEncrypt: whether it stays under the same key. */
  readonly isSameKey?: boolean
  /** For whom the answer is, where a document attests that. */
  readonly Recipient?: RecipientInfo | undefined
}

/** Of a request of which no policy can ask anything. */
export const NOTHING_ASKED: KeyRequest = {}

const ON_GRANTS: ReadonlySet<string> = new Set([
  'kms:CreateGrant',
  'kms:ListGrants',
  'kms:RevokeGrant',
])

/** The condition keys of `action` on a key, or on one that is missing. */
export function* keyConditions(
  action: string,
  key: Key | undefined,
  request: KeyRequest,
  call: Call,
): Generator<ConditionKey> {
  yield ['kms:CallerAccount', call.caller.account]
  const service = call.via.at(-1)
  if (service !== undefined) yield ['kms:ViaService', service.replace('.', `.${call.region}.`)]
  // Documented for grants only. Given always, so that a Deny that excepts such grants denies the rest.
  const isForService = service !== undefined && ON_GRANTS.has(action)
  yield ['kms:GrantIsForAWSResource', String(isForService)]
  if (key !== undefined) yield* keyAttributes(key)
  for (const read of REQUESTED.get(action) ?? []) yield* read(request)
}

/** What the key is: the same for all that is done with it. */
function* keyAttributes(key: Key): Generator<ConditionKey> {
  yield* keyKind(key.spec, key.usage, key.origin, isMultiRegion(key))
  if (isMultiRegion(key)) yield ['kms:MultiRegionKeyType', multiRegionKeyType(key)]
  yield ['kms:ResourceAliases', key.attributes.aliases]
  for (const tag of key.attributes.tags) yield [`aws:ResourceTag/${tag.key}`, tag.value]
}

function* keyKind(
  spec: string,
  usage: string,
  origin: string,
  isMultiRegion: boolean,
): Generator<ConditionKey> {
  yield ['kms:KeySpec', spec]
  yield ['kms:KeyUsage', usage]
  yield ['kms:KeyOrigin', origin]
  yield ['kms:MultiRegion', String(isMultiRegion)]
  // Their names until 2021, which old policies still ask for.
  yield ['kms:CustomerMasterKeySpec', spec]
  yield ['kms:CustomerMasterKeyUsage', usage]
}

/** The condition keys of CreateKey in the Region of a new replica: the key is as its primary is. */
export function* newReplicaConditions(
  primary: Key,
  request: Pick<KeyRequest, 'BypassPolicyLockoutSafetyCheck' | 'Tags'>,
): Generator<ConditionKey> {
  yield* keyKind(primary.spec, primary.usage, primary.origin, true)
  yield ['kms:MultiRegionKeyType', 'REPLICA']
  yield* bypass(request)
  yield* requestTags(request)
}

/** The condition keys of CreateKey, which has no key yet: what it asks for, with AWS's defaults. */
export function* newKeyConditions(request: CreateKeyRequest): Generator<ConditionKey> {
  yield* keyKind(
    request.KeySpec ?? request.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
    request.KeyUsage ?? 'ENCRYPT_DECRYPT',
    request.Origin ?? 'AWS_KMS',
    request.MultiRegion === true,
  )
  if (request.MultiRegion === true) yield ['kms:MultiRegionKeyType', 'PRIMARY']
  yield* bypass(request)
  yield* requestTags(request)
}

type Reader = (request: KeyRequest) => Iterable<ConditionKey>

/** Only where the call named the key by an alias: its name, also where the ARN was given. */
function* requestAlias({ KeyId: given }: KeyRequest): Generator<ConditionKey> {
  if (given === undefined) return
  const at = given.startsWith('arn:') ? given.indexOf(':alias/') + 1 : 0
  if (given.startsWith('alias/', at)) yield ['kms:RequestAlias', given.slice(at)]
}

function* encryptionAlgorithm({ EncryptionAlgorithm: given }: KeyRequest): Generator<ConditionKey> {
  yield ['kms:EncryptionAlgorithm', given ?? 'SYMMETRIC_DEFAULT']
}

function* encryptionContext({ EncryptionContext: context }: KeyRequest): Generator<ConditionKey> {
  if (context !== undefined) yield* contextKeys(context)
}

function* contextKeys(context: EncryptionContext): Generator<ConditionKey> {
  yield ['kms:EncryptionContextKeys', Object.keys(context)]
  for (const [name, value] of Object.entries(context)) {
    yield [`kms:EncryptionContext:${name}`, value]
  }
}

function* sameKey({ isSameKey = false }: KeyRequest): Generator<ConditionKey> {
  yield ['kms:ReEncryptOnSameKey', String(isSameKey)]
}

function* requestTags({ Tags: tags }: Pick<KeyRequest, 'Tags'>): Generator<ConditionKey> {
  if (tags === undefined) return
  yield ['aws:TagKeys', tags.map(({ TagKey }) => TagKey as string)]
  for (const { TagKey, TagValue } of tags) yield [`aws:RequestTag/${TagKey}`, TagValue as string]
}

function* tagKeys({ TagKeys: keys }: KeyRequest): Generator<ConditionKey> {
  if (keys !== undefined) yield ['aws:TagKeys', keys]
}

function* bypass(
  request: Pick<KeyRequest, 'BypassPolicyLockoutSafetyCheck'>,
): Generator<ConditionKey> {
  const isBypassed = request.BypassPolicyLockoutSafetyCheck === true
  yield ['kms:BypassPolicyLockoutSafetyCheck', String(isBypassed)]
}

/** The pairs of the constraints count as encryption context. */
function* grantConstraints({ Constraints: constraints }: KeyRequest): Generator<ConditionKey> {
  if (constraints === undefined) return
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = constraints
  yield [
    'kms:GrantConstraintType',
    CONSTRAINT_TYPES.filter((type) => constraints[type] !== undefined),
  ]
  if (equals !== undefined || subset !== undefined) yield* contextKeys({ ...equals, ...subset })
  if (constraints.SourceArn !== undefined) {
    yield ['kms:GrantConstraintSourceArn', constraints.SourceArn]
  }
}

const CONSTRAINT_TYPES = ['EncryptionContextEquals', 'EncryptionContextSubset'] as const

function* grantOperations({ Operations: operations }: KeyRequest): Generator<ConditionKey> {
  if (operations !== undefined) yield ['kms:GrantOperations', operations]
}

function* validTo({ ValidTo: date }: KeyRequest): Generator<ConditionKey> {
  if (date !== undefined) yield ['kms:ValidTo', date.toISOString()]
}

/** The member's value as a condition key; where it is left out, the value AWS takes instead. */
function member(name: keyof KeyRequest, key: string, otherwise?: string): Reader {
  return function* (request) {
    const value = request[name] ?? otherwise
    if (value !== undefined) yield [key, String(value)]
  }
}

const SYMMETRIC: readonly Reader[] = [requestAlias, encryptionAlgorithm, encryptionContext]
const ATTESTED: readonly Reader[] = [...SYMMETRIC, recipientConditions]
const KEY_PAIR: readonly Reader[] = [...SYMMETRIC, member('KeyPairSpec', 'kms:DataKeyPairSpec')]
const SIGNING: readonly Reader[] = [
  requestAlias,
  member('SigningAlgorithm', 'kms:SigningAlgorithm'),
  member('MessageType', 'kms:MessageType', 'RAW'),
]
const MAC: readonly Reader[] = [requestAlias, member('MacAlgorithm', 'kms:MacAlgorithm')]

const REST = member('daysWithoutUsage', 'kms:TrailingDaysWithoutKeyUsage')

/** What each action tells about its request, besides what every call about a key tells. */
const REQUESTED: ReadonlyMap<string, readonly Reader[]> = new Map([
  ['kms:Encrypt', SYMMETRIC],
  ['kms:Decrypt', ATTESTED],
  ['kms:GenerateDataKey', ATTESTED],
  ['kms:GenerateDataKeyWithoutPlaintext', SYMMETRIC],
  ['kms:GenerateDataKeyPair', [...KEY_PAIR, recipientConditions]],
  ['kms:GenerateDataKeyPairWithoutPlaintext', KEY_PAIR],
  ['kms:ReEncryptFrom', [...SYMMETRIC, sameKey]],
  ['kms:ReEncryptTo', [...SYMMETRIC, sameKey]],
  ['kms:Sign', SIGNING],
  ['kms:Verify', SIGNING],
  ['kms:GenerateMac', MAC],
  ['kms:VerifyMac', MAC],
  [
    'kms:DeriveSharedSecret',
    [
      requestAlias,
      member('KeyAgreementAlgorithm', 'kms:KeyAgreementAlgorithm'),
      recipientConditions,
    ],
  ],
  ['kms:Encapsulate', [requestAlias]],
  ['kms:Decapsulate', [requestAlias]],
  ['kms:DescribeKey', [requestAlias]],
  ['kms:GetPublicKey', [requestAlias]],
  ['kms:TagResource', [requestTags]],
  ['kms:UntagResource', [tagKeys]],
  ['kms:EnableKeyRotation', [member('RotationPeriodInDays', 'kms:RotationPeriodInDays', '365')]],
  [
    'kms:ScheduleKeyDeletion',
    [member('PendingWindowInDays', 'kms:ScheduleKeyDeletionPendingWindowInDays', '30'), REST],
  ],
  ['kms:DisableKey', [REST]],
  ['kms:PutKeyPolicy', [bypass]],
  [
    'kms:CreateGrant',
    [
      grantOperations,
      grantConstraints,
      member('GranteePrincipal', 'kms:GranteePrincipal'),
      member('RetiringPrincipal', 'kms:RetiringPrincipal'),
      member('GranteeServicePrincipal', 'kms:GranteeServicePrincipal'),
      member('RetiringServicePrincipal', 'kms:RetiringServicePrincipal'),
    ],
  ],
  [
    'kms:GetParametersForImport',
    [
      member('WrappingAlgorithm', 'kms:WrappingAlgorithm'),
      member('WrappingKeySpec', 'kms:WrappingKeySpec'),
    ],
  ],
  [
    'kms:ImportKeyMaterial',
    [member('ExpirationModel', 'kms:ExpirationModel', 'KEY_MATERIAL_EXPIRES'), validTo],
  ],
  ['kms:ReplicateKey', [member('ReplicaRegion', 'kms:ReplicaRegion')]],
  ['kms:UpdatePrimaryRegion', [member('PrimaryRegion', 'kms:PrimaryRegion')]],
])
