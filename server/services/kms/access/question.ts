// One question of an administrator: may this principal do this with that key, and why? Answered by the
// code that enforces: the same demands, the same policies, the same engine.
import { type Call, invokesNothing } from '../../../contract/call.ts'
import type { Caller } from '../../../contract/caller.ts'
import { type Demand, identityDemand } from '../../../contract/demand.ts'
import type { AuthorizationRequest } from '../../../policy/authorization-request.ts'
import { type Context, type ContextValue, contextOf, foldName } from '../../../policy/context.ts'
import type { Key } from '../keys/key.ts'
import type { KeyRequest } from '../keys/key-conditions.ts'
import { keyDemand } from '../keys/key-target.ts'
import type { KmsStores } from '../operation.ts'

/** Condition keys that the asker supposes, such as `aws:SourceIp`. */
export type Supposed = readonly (readonly [key: string, value: ContextValue])[]

/** Who asks for what: a request as it would be, if it came now. */
export async function keyQuestion(
  caller: Caller,
  action: string,
  key: Key,
  stores: KmsStores,
  supposed: Supposed,
  nowMs: number,
): Promise<AuthorizationRequest> {
  const call: Call<KmsStores> = {
    id: '',
    account: caller.account,
    region: key.region,
    caller,
    origin: { ipAddress: '', userAgent: '', host: '', tls: undefined },
    service: 'kms.amazonaws.com',
    via: [],
    nowMs,
    deadlineMs: nowMs,
    stores,
    invoke: invokesNothing,
  }
  const demand = await keyDemand(action, key, call, requestOf(key, supposed))
  return questionOf(demand, call, supposed)
}

/** As `keyQuestion`, of an action that identity policies alone decide. */
export function identityQuestion(
  caller: Caller,
  action: string,
  resource: string,
  region: string,
  supposed: Supposed,
  nowMs: number,
): AuthorizationRequest {
  const owner = resource.split(':')[4] || caller.account
  return questionOf(identityDemand(action, resource, owner), { caller, region, nowMs }, supposed)
}

function questionOf(
  demand: Demand,
  { caller, region, nowMs }: Pick<Call, 'caller' | 'region' | 'nowMs'>,
  supposed: Supposed,
): AuthorizationRequest {
  const common: [string, ContextValue][] = [
    ['aws:RequestedRegion', region],
    ['aws:CurrentTime', new Date(nowMs).toISOString()],
    ['aws:EpochTime', String(Math.floor(nowMs / 1000))],
    ['aws:ViaAWSService', 'false'],
  ]
  if (demand.resource !== '*') common.push(['aws:ResourceAccount', demand.owner])
  // Address, agent and transport of a request that nobody made are unknown, unless they are supposed.
  const known: Context = contextOf([...common, ...demand.conditions()], caller.context)
  return {
    principal: caller.principal,
    policies: caller.policies,
    demand: {
      ...demand,
      account: demand.owner,
      resourceControl: undefined,
      context: contextOf(supposed, known),
    },
  }
}

const CONTEXT = 'kms:encryptioncontext:'

/** The encryption context is more than a condition: grants are matched by it as well. */
function requestOf(key: Key, supposed: Supposed): KeyRequest {
  const pairs = supposed.filter(([name]) => foldName(name).startsWith(CONTEXT))
  const alias = supposed.find(([name]) => foldName(name) === 'kms:requestalias')?.[1]
  const context: Record<string, string> = Object.create(null)
  for (const [name, value] of pairs) context[name.slice(CONTEXT.length)] = String(value)
  return {
    KeyId: typeof alias === 'string' ? alias : key.arn,
    ...(pairs.length > 0 && { EncryptionContext: context }),
  }
}
