// What a call is about: found by name or ARN, demanded by its ARN, and told as missing to those who may hear.
import type { ConditionKeys, Demand } from '../../contract/demand.ts'
import { identityDemand, noConditions } from '../../contract/demand.ts'
import { ValidationException } from '../../contract/errors.ts'
import { Missing } from '../../contract/operation.ts'
import {
  type Entities,
  type Entity,
  type EntityKind,
  entityArn,
  type ManagedPolicy,
  type Role,
  readEntityArn,
  type User,
} from './entities/entity.ts'
import {
  InvalidInputException,
  NoSuchEntityException,
  UnmodifiableEntityException,
} from './errors.ts'
import { requireName } from './names.ts'
import type { IamCall } from './operation.ts'
import { findAwsPolicy } from './policies/aws-managed.ts'
import { resourceTagKeys } from './tags.ts'

/** The entity of this name, or what to say where there is none. */
export async function findNamed<K extends EntityKind>(
  kind: K,
  name: string,
  call: IamCall,
): Promise<Entities[K] | Missing> {
  requireName(`${kind}Name`, name)
  return (await call.stores.entities.find(kind, name)) ?? missing(kind, name, call)
}

function missing(kind: EntityKind, name: string, { account }: IamCall): Missing {
  const arn = entityArn(kind, { account, path: '/', name })
  return new Missing(arn, account, NoSuchEntityException.named(kind, name))
}

/** The user of this name; where none is given, the user who calls. */
export async function findUserOrCaller(
  name: string | undefined,
  call: IamCall,
): Promise<User | Missing> {
  if (name !== undefined) return findNamed('user', name, call)
  const { userName } = call.caller
  if (call.caller.type !== 'IAMUser' || userName === undefined) {
    throw new ValidationException('Must specify userName when calling with non-User credentials')
  }
  return findNamed('user', userName, call)
}

/** The policy of this ARN, the account's own or AWS's; `error` is told where there is none. */
export async function findPolicy(
  arn: string,
  call: IamCall,
  error: (arn: string) => NoSuchEntityException = NoSuchEntityException.policy,
): Promise<ManagedPolicy | Missing> {
  if (arn.startsWith(AWS_POLICY)) {
    return findAwsPolicy(arn) ?? new Missing(arn, call.account, error(arn))
  }
  const named = readEntityArn(arn)
  if (named?.kind !== 'policy') throw InvalidInputException.arn(arn)
  const policy =
    named.account === call.account
      ? await call.stores.entities.find('policy', named.name)
      : undefined
  return policy !== undefined && entityArn('policy', policy) === arn
    ? policy
    : new Missing(arn, call.account, error(arn))
}

const AWS_POLICY = 'arn:aws:iam::aws:policy/'

/** Throws where the policy is AWS's: those are not the account's to change. */
export function requireOwn(policy: ManagedPolicy, { account }: IamCall): void {
  if (policy.account !== account) {
    throw InvalidInputException.arn(entityArn('policy', policy))
  }
}

/** Throws where the role is a service's. */
export function requireModifiable(entity: Entity): void {
  if (entity.kind === 'role' && entity.linkedService !== undefined) {
    throw UnmodifiableEntityException.role(entity.name)
  }
}

/** What must be allowed to do this with the entity; its tags are condition keys. */
export function entityDemand(
  action: string,
  target: Entity | Missing,
  call: IamCall,
  conditions: ConditionKeys = noConditions,
): Demand {
  if (target instanceof Missing) {
    return identityDemand(action, target.resource, target.owner, conditions)
  }
  return identityDemand(action, entityArn(target.kind, target), call.account, () => [
    ...('tags' in target ? resourceTagKeys(target.tags) : []),
    ...conditions(),
  ])
}

/** iam:PermissionsBoundary, of who has one. */
export function boundaryKeys(target: unknown): ConditionKeys {
  const { boundary } = target as Partial<Pick<User | Role, 'boundary'>>
  return () => (boundary === undefined ? [] : [['iam:PermissionsBoundary', boundary]])
}
