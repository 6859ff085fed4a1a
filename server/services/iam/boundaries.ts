// Permissions boundaries of users and roles: put and delete, for both alike.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html and its kin
import { Missing, Moved } from '../../contract/operation.ts'
import type { Limits } from '../../schema/limits.ts'
import type { Transaction } from '../../storage/storage.ts'
import type { ManagedPolicy, Role, User } from './entities/entity.ts'
import { CHANGE_ERRORS, NoSuchEntityException } from './errors.ts'
import { holderLimits, holderName, type NamesHolder, WORDS } from './holders.ts'
import { ARN } from './limits.ts'
import { changes, type IamCall, type IamChange } from './operation.ts'
import { boundaryKeys, entityDemand, findNamed, findPolicy, requireModifiable } from './targets.ts'

type Kind = 'user' | 'role'
type Bounded = User | Role
type Put = NamesHolder & { readonly PermissionsBoundary: string }
type Change = { readonly holder: Bounded; readonly policy: ManagedPolicy; readonly arn: string }

/** The policy that is to be a boundary; throws where there is none. */
export async function requireBoundaryPolicy(arn: string, call: IamCall): Promise<ManagedPolicy> {
  const policy = await findPolicy(arn, call, NoSuchEntityException.notAttachable)
  if (policy instanceof Missing) throw policy.error
  return policy
}

/** Within a change: throws Moved where the policy went meanwhile. */
export async function requireStillThere(
  policy: ManagedPolicy | undefined,
  tx: Transaction,
  call: IamCall,
): Promise<void> {
  if (policy === undefined || policy.account !== call.account) return
  if (!(await call.stores.entities.exists(tx, policy.id))) throw new Moved()
}

export function putBoundary(kind: Kind): IamChange<Put, object, Bounded, Change> {
  const name = `Put${WORDS[kind]}PermissionsBoundary` as const
  return {
    ...changes<Put, object>(name),
    limits: { ...holderLimits(kind), PermissionsBoundary: ARN } as Limits<Put>,
    errors: CHANGE_ERRORS,
    target: (input, call) => findNamed(kind, holderName(kind, input), call),
    demands: (holder, { PermissionsBoundary: arn }, call) => [
      entityDemand(`iam:${name}`, holder, call, () => [['iam:PermissionsBoundary', arn]]),
    ],
    async prepare({ PermissionsBoundary: arn }, holder, call) {
      requireModifiable(holder)
      return { holder, policy: await requireBoundaryPolicy(arn, call), arn }
    },
    async apply({ holder, policy, arn }, tx, call) {
      await call.stores.entities.change(tx, holder, { boundary: arn })
      await requireStillThere(policy, tx, call)
      return {}
    },
  }
}

export function deleteBoundary(kind: Kind): IamChange<NamesHolder, object, Bounded, Bounded> {
  const name = `Delete${WORDS[kind]}PermissionsBoundary` as const
  return {
    ...changes<NamesHolder, object>(name),
    limits: holderLimits(kind) as Limits<NamesHolder>,
    errors: CHANGE_ERRORS,
    target: (input, call) => findNamed(kind, holderName(kind, input), call),
    demands: (holder, _input, call) => [
      entityDemand(`iam:${name}`, holder, call, boundaryKeys(holder)),
    ],
    prepare(_input, holder) {
      requireModifiable(holder)
      if (holder.boundary === undefined) throw NoSuchEntityException.boundary(kind, holder.name)
      return holder
    },
    async apply(holder, tx, call) {
      await call.stores.entities.change(tx, holder, { boundary: undefined })
      return {}
    },
  }
}
