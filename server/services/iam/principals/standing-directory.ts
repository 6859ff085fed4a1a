// Where users and roles stand: what binds them at this moment, compiled; cached until anything changes in
// the IAM of their account.
import type { Awaitable } from '../../../contract/operation.ts'
import type { CompiledPolicy } from '../../../policy/compiled-policy.ts'
import type { PolicyKind } from '../../../policy/policy-kinds.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage } from '../../../storage/storage.ts'
import {
  defaultDocument,
  type Entity,
  entityArn,
  type Group,
  type Role,
  type User,
} from '../entities/entity.ts'
import { entityDirectory } from '../entities/entity-directory.ts'
import { ACCOUNT_TOPIC } from '../entities/entity-store.ts'
import { findAwsPolicy } from '../policies/aws-managed.ts'
import { denyingPolicy, policyCompiler } from '../policies/compiled-policies.ts'

/** A user or role and the policies that bind whoever acts as it. */
export type Standing = {
  readonly holder: User | Role
  /** Inline and attached ones; of a user its groups' as well. */
  readonly identity: readonly CompiledPolicy[]
  readonly boundary: CompiledPolicy | undefined
}

export type StandingDirectory = {
  /** The user or role of this unique id in the account; without a promise once it is cached. */
  find(account: string, id: string): Awaitable<Standing | undefined>
  /** Names the account's IAM as it is now: another one after every change, so that what was made is kept by it. */
  moment(account: string): string
  /** The managed policy of this ARN; one that denies everything where there is none. */
  managed(account: string, kind: PolicyKind, arn: string): Promise<CompiledPolicy>
}

const MAX_CACHED_STANDINGS = 10_000

export function standingDirectory(storage: Storage, rootKey: RootKey): StandingDirectory {
  const entities = entityDirectory(storage, rootKey)
  const compile = policyCompiler()
  const cache = coherentCache<Standing>({ maxEntries: MAX_CACHED_STANDINGS })
  // How often each account has changed is part of the name under which its standings are cached: what
  // was read before a change is never found after it.
  const changes = new Map<string, number>()
  let resets = 0
  storage.changes.subscribe(ACCOUNT_TOPIC, {
    onChange: (account) => changes.set(account, (changes.get(account) ?? 0) + 1),
    onReset() {
      resets++
      changes.clear()
      cache.clear()
    },
  })

  function moment(account: string): string {
    return `${account}/${resets}.${changes.get(account) ?? 0}`
  }

  async function managed(account: string, kind: PolicyKind, arn: string): Promise<CompiledPolicy> {
    const policy = findAwsPolicy(arn) ?? (await findCustomerPolicy(account, arn))
    const document = policy && defaultDocument(policy)
    // It was there when it was attached: nobody knows what it denied.
    return document === undefined ? denyingPolicy(kind, arn) : compile(kind, arn, document)
  }

  async function findCustomerPolicy(account: string, arn: string) {
    const policy = await entities.findByArn(arn)
    return policy?.kind === 'policy' && policy.account === account ? policy : undefined
  }

  async function policiesOf(holder: User | Role | Group): Promise<readonly CompiledPolicy[]> {
    const arn = entityArn(holder.kind, holder)
    const inline = holder.inline.map(({ name, document }) =>
      compile('identity', `${arn} ${name}`, document),
    )
    const attached = await Promise.all(
      holder.attached.map((policy) => managed(holder.account, 'identity', policy)),
    )
    return [...inline, ...attached]
  }

  async function policiesOfGroup(account: string, id: string): Promise<readonly CompiledPolicy[]> {
    const group = await entities.findById(id)
    if (group?.kind === 'group' && group.account === account) return policiesOf(group)
    return [denyingPolicy('identity', id)]
  }

  async function load(account: string, id: string): Promise<Standing | undefined> {
    const holder: Entity | undefined = await entities.findById(id)
    if (holder === undefined || holder.account !== account) return undefined
    if (holder.kind !== 'user' && holder.kind !== 'role') return undefined
    const groups = holder.kind === 'user' ? holder.groups : []
    const [own, ofGroups, boundary] = await Promise.all([
      policiesOf(holder),
      Promise.all(groups.map((group) => policiesOfGroup(account, group))),
      holder.boundary === undefined ? undefined : managed(account, 'boundary', holder.boundary),
    ])
    return { holder, identity: [...own, ...ofGroups.flat()], boundary }
  }

  return {
    find: (account, id) => cache.get(`${moment(account)}/${id}`, () => load(account, id)),
    moment,
    managed,
  }
}
