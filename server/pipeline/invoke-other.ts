// One service uses an operation of another: through the same pipeline as a request from the network, so
// that limits, permissions, quotas and records of the call within a call are the same lines of code.
import type { Call, InvokeOther, Origin, Scope } from '../contract/call.ts'
import { type Caller, INTERNAL_ACCOUNT } from '../contract/caller.ts'
import type { Source, Through } from '../contract/through.ts'
import { randomUuid } from '../crypto/random.ts'
import { NO_POLICIES } from '../policy/authorization-request.ts'
import { contextOf } from '../policy/context.ts'
import { principalKeys, type RoleSession, type ServicePrincipal } from '../policy/principal.ts'
import type { Invoke } from './invoke.ts'
import type { Plan } from './plan.ts'

export type InvokeOtherParts = {
  /** Of all services of this process. */
  readonly plans: readonly Plan[]
  readonly invoke: Invoke
  readonly storesOf: (plan: Plan, scope: Scope) => unknown
  /** Throws where this process cannot know that it is current: the call around may have begun long ago. */
  readonly requireCurrent: () => void
}

/** So deep calls may stand within one from the network: services that call each other in a circle end here. */
const MAX_DEPTH = 8

/** What all calls of one process invoke with. */
export function createInvokeOther(parts: InvokeOtherParts): InvokeOther {
  const { plans, invoke, storesOf, requireCurrent } = parts
  const byOperation = new Map<unknown, Plan>(plans.map((plan) => [plan.operation, plan]))
  const depths = new WeakMap<Call, number>()
  return function invokeOther<Input, Output>(
    this: Call,
    operation: { readonly schema: { readonly name: string } },
    input: Input,
    how: Through,
  ): Promise<Output> {
    return new Promise((resolve, reject) => {
      const plan = byOperation.get(operation)
      if (plan === undefined) throw new Error(`no service here has ${operation.schema.name}`)
      requireCurrent()
      const depth = (depths.get(this) ?? 0) + 1
      if (depth > MAX_DEPTH) throw new Error(`calls within calls go deeper than ${MAX_DEPTH}`)
      const who = whoCalls(this, how)
      const scope = { account: who.account, region: plan.service.globalRegion ?? this.region }
      const call: Call = {
        ...scope,
        id: randomUuid(),
        caller: who.caller,
        origin: who.origin,
        service: plan.service.eventSource,
        via: who.via,
        nowMs: this.nowMs,
        deadlineMs: this.deadlineMs,
        stores: storesOf(plan, scope),
        invoke: this.invoke,
      }
      depths.set(call, depth)
      invoke(plan, input as Readonly<Record<string, unknown>>, call, ({ output, error }) => {
        if (error === undefined) resolve(output as Output)
        else reject(error)
      })
    })
  }
}

type Who = Pick<Call, 'account' | 'caller' | 'origin' | 'via'>

function whoCalls(around: Call, how: Through): Who {
  const { service } = around
  switch (how.as) {
    case 'caller': {
      const { account, caller, origin, via } = around
      return { account, caller, origin, via: [...via, service] }
    }
    case 'infrastructure':
      return itself(service, how.account, infrastructureCaller(how, around.nowMs))
    case 'grantee':
      return itself(service, how.source.account, serviceCaller(service, how.source))
    case 'service':
      return itself(service, INTERNAL_ACCOUNT, serviceCaller(service, how.source))
  }
}

function itself(service: string, account: string, caller: Caller): Who {
  const origin: Origin = { ipAddress: service, userAgent: service, host: '', tls: undefined }
  return { account, caller, origin, via: [] }
}

function serviceCaller(name: string, source: Source): Caller {
  const principal: ServicePrincipal = { kind: 'service', name, names: [] }
  return {
    type: 'AWSService',
    account: INTERNAL_ACCOUNT,
    arn: name,
    principalId: name,
    accessKeyId: '',
    userName: undefined,
    session: undefined,
    principal,
    policies: NO_POLICIES,
    context: contextOf([
      ...principalKeys(principal),
      ['aws:SourceArn', source.arn],
      ['aws:SourceAccount', source.account],
    ]),
  }
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/ct-ec2two.html */
function infrastructureCaller(
  { role, session, account }: Extract<Through, { as: 'infrastructure' }>,
  nowMs: number,
): Caller {
  const roleId = `${account}:${role}`
  const principal: RoleSession = {
    kind: 'role-session',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    roleArn: `arn:aws:iam::${account}:role/${role}`,
    roleId,
    sessionName: session,
    role: 'service-owned',
  }
  return {
    type: 'AssumedRole',
    account,
    arn: principal.arn,
    principalId: `${roleId}:${session}`,
    accessKeyId: '',
    userName: undefined,
    session: {
      createdAtMs: nowMs,
      mfaAuthenticated: false,
      sourceIdentity: undefined,
      transitiveTags: [],
      issuer: {
        type: 'Role',
        principalId: roleId,
        arn: principal.roleArn,
        account,
        userName: role,
      },
    },
    principal,
    policies: NO_POLICIES,
    context: contextOf(principalKeys(principal)),
  }
}
