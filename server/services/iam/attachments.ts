// Managed policies attached to users, groups and roles: attach, detach and list, for each kind alike.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html and its kin
import type { ConditionKeys } from '../../contract/demand.ts'
import { Missing, Moved } from '../../contract/operation.ts'
import type { Limits } from '../../schema/limits.ts'
import type { ManagedPolicy } from './entities/entity.ts'
import { attachedPolicyView } from './entities/views.ts'
import {
  CHANGE_ERRORS,
  InvalidInputException,
  LimitExceededException,
  NoSuchEntityException,
  PolicyNotAttachableException,
} from './errors.ts'
import {
  findHolder,
  type Holder,
  type HolderKind,
  holderLimits,
  type NamesHolder,
  WORDS,
} from './holders.ts'
import { ARN, PAGE, PATH_PREFIX, QUOTAS } from './limits.ts'
import { changes, type IamChange, type IamReading, reads } from './operation.ts'
import { type Paging, pageOfAll } from './pages.ts'
import { boundaryKeys, entityDemand, findPolicy, requireModifiable } from './targets.ts'
import type { AttachedPolicy } from './wire.ts'

type Attachment = NamesHolder & { readonly PolicyArn: string }
type Listed = NamesHolder & {
  readonly PathPrefix?: string
  readonly Marker?: string
  readonly MaxItems?: number
}
type Attached = Paging & { readonly AttachedPolicies: readonly AttachedPolicy[] }
type Change = { readonly holder: Holder; readonly policy: ManagedPolicy; readonly arn: string }
type Removal = { readonly holder: Holder; readonly arn: string }

export function attachPolicy(kind: HolderKind): IamChange<Attachment, object, Holder, Change> {
  const name = `Attach${WORDS[kind]}Policy` as const
  return {
    ...changes<Attachment, object>(name),
    limits: { ...holderLimits(kind), PolicyArn: ARN } as Limits<Attachment>,
    errors: [...CHANGE_ERRORS, PolicyNotAttachableException],
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, input, call) => [
      entityDemand(`iam:${name}`, holder, call, policyKeys(holder, input.PolicyArn)),
    ],
    async prepare({ PolicyArn: arn }, holder, call) {
      requireModifiable(holder)
      const policy = await findPolicy(arn, call, NoSuchEntityException.notAttachable)
      if (policy instanceof Missing) throw policy.error
      if (policy.path.startsWith('/aws-service-role/')) {
        throw PolicyNotAttachableException.linkedService(arn)
      }
      return { holder, policy, arn }
    },
    async apply({ holder, policy, arn }, tx, call) {
      // Attached already: AWS says yes.
      if (holder.attached.includes(arn)) return {}
      const attached = [...holder.attached, arn]
      if (attached.length > QUOTAS.attachedPolicies) {
        throw LimitExceededException.quota(`PoliciesPer${WORDS[kind]}`, QUOTAS.attachedPolicies)
      }
      const { entities } = call.stores
      await entities.change(tx, holder, { attached })
      const isOwn = policy.account === call.account
      if (isOwn && !(await entities.exists(tx, policy.id))) throw new Moved()
      return {}
    },
  }
}

export function detachPolicy(kind: HolderKind): IamChange<Attachment, object, Holder, Removal> {
  const name = `Detach${WORDS[kind]}Policy` as const
  return {
    ...changes<Attachment, object>(name),
    limits: { ...holderLimits(kind), PolicyArn: ARN } as Limits<Attachment>,
    errors: CHANGE_ERRORS,
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, input, call) => [
      entityDemand(`iam:${name}`, holder, call, policyKeys(holder, input.PolicyArn)),
    ],
    prepare({ PolicyArn: arn }, holder) {
      requireModifiable(holder)
      if (!/^arn:aws:iam::(?:aws|\d{12}):policy\//.test(arn)) throw InvalidInputException.arn(arn)
      if (!holder.attached.includes(arn)) throw NoSuchEntityException.policy(arn)
      return { holder, arn }
    },
    async apply({ holder, arn }, tx, call) {
      const attached = holder.attached.filter((policy) => policy !== arn)
      await call.stores.entities.change(tx, holder, { attached })
      return {}
    },
  }
}

export function listAttachedPolicies(kind: HolderKind): IamReading<Listed, Attached, Holder> {
  const name = `ListAttached${WORDS[kind]}Policies` as const
  return {
    ...reads<Listed, Attached>(name),
    limits: { ...holderLimits(kind), PathPrefix: PATH_PREFIX, ...PAGE } as Limits<Listed>,
    errors: [NoSuchEntityException],
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, _input, call) => [entityDemand(`iam:${name}`, holder, call)],
    handle(input, holder) {
      const prefix = `policy${input.PathPrefix ?? '/'}`
      const below = holder.attached.filter((arn) => arn.split(':')[5]?.startsWith(prefix))
      const { entries, paging } = pageOfAll(below, input, (arn) => arn)
      return { AttachedPolicies: entries.map(attachedPolicyView), ...paging }
    },
  }
}

/** iam:PolicyARN, and the boundary of whom it is about. */
function policyKeys(holder: Holder | Missing, arn: string): ConditionKeys {
  return () => [['iam:PolicyARN', arn], ...boundaryKeys(holder)()]
}
