// Which grants speak for a call: made to its caller, for what it does, with constraints that hold.
// What a matching grant is worth is decided by the policy engine.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#grant-constraints
import type { Call } from '../../../contract/call.ts'
import type { Awaitable } from '../../../contract/operation.ts'
import type { MatchedGrant } from '../../../policy/authorization-request.ts'
import { InvalidGrantTokenException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import type { KeyRequest } from '../keys/key-conditions.ts'
import type { KmsStores } from '../operation.ts'
import { GrantOperation } from '../wire.ts'
import {
  admitsContext,
  areAsStrict,
  type Grant,
  type GranteeName,
  granteeNames,
  readConstraints,
} from './grant.ts'
import type { GrantIndex } from './grant-index.ts'

const NO_GRANTS: readonly MatchedGrant[] = []
/** What a grant can permit, by its action. RetireGrant is decided otherwise: by the grant it retires. */
const GRANTABLE: ReadonlyMap<string, GrantOperation> = new Map(
  Object.values(GrantOperation)
    .filter((operation) => operation !== 'RetireGrant')
    .map((operation) => [`kms:${operation}`, operation]),
)

/** The grants that speak for `action` on the key. Without any on the key it costs next to nothing. */
export function matchedGrants(
  action: string,
  key: Key,
  request: KeyRequest,
  call: Call<KmsStores>,
): Awaitable<readonly MatchedGrant[]> {
  const operation = GRANTABLE.get(action)
  if (operation === undefined) return NO_GRANTS
  const { GrantTokens: tokens } = request
  if (tokens !== undefined && tokens.length > 0) {
    return matchedWithTokens(operation, key, request, call, tokens)
  }
  const some = call.stores.grants.hasAny(key)
  if (some === false) return NO_GRANTS
  return matchedAmongThem(some, operation, key, request, call)
}

/** Throws where a token is none, also where there is no key: the error would tell that there is one. */
export function requireGrantTokens(
  action: string,
  { GrantTokens: tokens = [] }: KeyRequest,
  { stores }: Call<KmsStores>,
): void {
  const operation = GRANTABLE.get(action)
  // DescribeKey declares no such error: to it a token that is none says nothing.
  if (operation === undefined || operation === 'DescribeKey') return
  if (tokens.some((token) => stores.grantTokens.read(token) === undefined)) {
    throw new InvalidGrantTokenException()
  }
}

/** A token names a grant that this process may not have heard of yet: it is looked up. */
async function matchedWithTokens(
  operation: GrantOperation,
  key: Key,
  request: KeyRequest,
  call: Call<KmsStores>,
  tokens: readonly string[],
): Promise<readonly MatchedGrant[]> {
  const { grants, grantTokens } = call.stores
  requireGrantTokens(`kms:${operation}`, request, call)
  const named = tokens.map((token) => grantTokens.read(token))
  const matched = [...(await matchedAmongThem(grants.hasAny(key), operation, key, request, call))]
  const names = granteeNames(call.caller.principal)
  for (const reference of named) {
    const isOfKey =
      reference?.keyId === key.id &&
      reference.account === key.account &&
      reference.region === key.region
    const grant = isOfKey ? await grants.find(key, reference.grantId) : undefined
    const name = names.find((one) => one.name === grant?.grantee)
    if (grant === undefined || name === undefined) continue
    if (matched.some(({ id }) => id === grant.id)) continue
    if (!grant.operations.includes(operation)) continue
    if (speaksFor(grant, operation, request, call)) matched.push(matchOf(grant, name))
  }
  return matched
}

function matchedAmongThem(
  some: Awaitable<boolean>,
  operation: GrantOperation,
  key: Key,
  request: KeyRequest,
  call: Call<KmsStores>,
): Awaitable<readonly MatchedGrant[]> {
  const names = granteeNames(call.caller.principal)
  const choose = (indexes: readonly GrantIndex[]) =>
    indexes.flatMap((index, at) => {
      const matched: MatchedGrant[] = []
      for (const grant of candidates(index, operation, request)) {
        // Two grants of one issuer to one name are worth the same.
        if (matched.some(({ issuer }) => issuer === grant.issuer)) continue
        if (!speaksFor(grant, operation, request, call)) continue
        matched.push(matchOf(grant, names[at] as GranteeName))
      }
      return matched
    })
  const look = () => {
    const indexes = names.map(({ name }) => call.stores.grants.of(key, name))
    return indexes.some((index) => index instanceof Promise)
      ? Promise.all(indexes).then(choose)
      : choose(indexes as readonly GrantIndex[])
  }
  if (!(some instanceof Promise)) return some ? look() : NO_GRANTS
  return some.then((isSome) => (isSome ? look() : NO_GRANTS))
}

function candidates(index: GrantIndex, operation: GrantOperation, request: KeyRequest) {
  // Their context constraints do not apply to DescribeKey, and to CreateGrant they do in another way.
  return operation === 'DescribeKey' || operation === 'CreateGrant'
    ? index.permitting(operation)
    : index.candidates(operation, request.EncryptionContext)
}

/** Whether the grant, which permits the operation to the caller, permits it for this request. */
function speaksFor(
  grant: Grant,
  operation: GrantOperation,
  request: KeyRequest,
  call: Call,
): boolean {
  const { constraints } = grant
  if (constraints.sourceArn !== undefined) {
    const source = call.caller.context.get('aws:sourcearn')?.scalar
    if (source !== constraints.sourceArn) return false
  }
  if (operation === 'DescribeKey') return true
  if (operation === 'CreateGrant') return canBeParent(grant, request)
  return admitsContext(constraints, request.EncryptionContext)
}

/** One grant alone must permit everything that the new one permits, under constraints no stricter. */
function canBeParent(parent: Grant, { Operations, Constraints }: KeyRequest): boolean {
  const isWide = (Operations ?? []).every((operation) =>
    (parent.operations as readonly string[]).includes(operation),
  )
  return isWide && areAsStrict(readConstraints(Constraints), parent.constraints)
}

function matchOf({ id, issuer }: Grant, { kind }: GranteeName): MatchedGrant {
  return { id, issuer, grantee: kind }
}

/** The grant as one that speaks for its own retirement by the caller, or nothing. */
export function matchedForRetirement(grant: Grant, call: Call): readonly MatchedGrant[] {
  const names = granteeNames(call.caller.principal)
  const byRetiring = names.find(({ name }) => name === grant.retiring)
  const mayRetire = grant.operations.includes('RetireGrant')
  const byGrantee = mayRetire ? names.find(({ name }) => name === grant.grantee) : undefined
  return [byRetiring, byGrantee]
    .filter((name) => name !== undefined)
    .map((name) => matchOf(grant, name))
}
