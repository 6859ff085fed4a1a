// Whose policies are simulated: a user's, a group's or a role's, with everything that binds it.
import { Missing } from '../../../contract/operation.ts'
import { NO_POLICIES } from '../../../policy/authorization-request.ts'
import type { CompiledPolicy } from '../../../policy/compiled-policy.ts'
import { contextOf, principalTags } from '../../../policy/context.ts'
import { type Principal, principalKeys } from '../../../policy/principal.ts'
import { defaultDocument, entityArn, readEntityArn } from '../entities/entity.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import type { Holder } from '../holders.ts'
import type { IamCall } from '../operation.ts'
import { compileOrDeny, denyingPolicy } from '../policies/compiled-policies.ts'
import { findPolicy } from '../targets.ts'
import type { Simulated } from './simulate.ts'

/** A policy as a simulation names it, with its document; without one where it is gone. */
type Document = { readonly name: string; readonly document: string | undefined }

/** The user, group or role of this ARN. */
export async function findSource(arn: string, call: IamCall): Promise<Holder | Missing> {
  const named = readEntityArn(arn)
  if (named === undefined || named.kind === 'policy') throw InvalidInputException.arn(arn)
  const found =
    named.account === call.account
      ? await call.stores.entities.find(named.kind, named.name)
      : undefined
  return found !== undefined && entityArn(found.kind, found) === arn
    ? found
    : new Missing(arn, call.account, NoSuchEntityException.principal(arn))
}

/** All policies that bind who acts as the holder; of a user its groups' as well. */
export async function documentsOf(holder: Holder, call: IamCall): Promise<readonly Document[]> {
  const own = holder.inline.map(({ name, document }) => ({
    name: `${holder.kind}_${holder.name}_${name}`,
    document,
  }))
  const attached = await Promise.all(holder.attached.map((arn) => managedDocument(arn, call)))
  if (holder.kind !== 'user') return [...own, ...attached]
  const groups = await Promise.all(
    holder.groups.map(async (id): Promise<readonly Document[]> => {
      const group = await call.stores.entities.findById('group', id)
      return group === undefined ? [{ name: id, document: undefined }] : documentsOf(group, call)
    }),
  )
  return [...own, ...attached, ...groups.flat()]
}

/** The holder as who would call, with these policies besides its own, and under its boundary or another. */
export async function simulatedHolder(
  holder: Holder,
  more: readonly CompiledPolicy[],
  boundary: CompiledPolicy | undefined,
  call: IamCall,
): Promise<Simulated> {
  const stored = (await documentsOf(holder, call)).map(({ name, document }) =>
    document === undefined
      ? denyingPolicy('identity', name)
      : compileOrDeny('identity', name, document),
  )
  const principal = principalOf(holder)
  const tags = 'tags' in holder ? holder.tags.map(({ key, value }) => [key, value] as const) : []
  return {
    account: holder.account,
    principal,
    policies: {
      ...NO_POLICIES,
      identity: [...stored, ...more],
      boundary: boundary ?? (await ownBoundary(holder, call)),
    },
    // A group never calls: nothing follows from it.
    context:
      holder.kind === 'group'
        ? contextOf([])
        : contextOf([...principalKeys(principal), ...principalTags(tags, [])]),
  }
}

async function ownBoundary(holder: Holder, call: IamCall): Promise<CompiledPolicy | undefined> {
  if (holder.kind === 'group' || holder.boundary === undefined) return undefined
  const { name, document } = await managedDocument(holder.boundary, call)
  return document === undefined
    ? denyingPolicy('boundary', name)
    : compileOrDeny('boundary', name, document)
}

async function managedDocument(arn: string, call: IamCall): Promise<Document> {
  const policy = await findPolicy(arn, call)
  if (policy instanceof Missing) return { name: arn, document: undefined }
  return { name: policy.name, document: defaultDocument(policy) }
}

function principalOf(holder: Holder): Principal {
  const { account, id, name } = holder
  const arn = entityArn(holder.kind, holder)
  if (holder.kind !== 'role') return { kind: 'user', account, arn, id, name }
  const sessionName = 'simulation'
  return {
    kind: 'role-session',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
    roleArn: arn,
    roleId: id,
    sessionName,
    role: holder.linkedService === undefined ? 'customer' : 'service-linked',
  }
}
