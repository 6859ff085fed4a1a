// Users, groups and roles alike: whoever policies are attached to. Operations that differ in nothing but
// whom they are about are made here from one description.
import type { Missing } from '../../contract/operation.ts'
import type { Limit } from '../../schema/limits.ts'
import type { Entities } from './entities/entity.ts'
import { NAME } from './limits.ts'
import type { IamCall } from './operation.ts'
import { findNamed } from './targets.ts'

export type HolderKind = 'user' | 'group' | 'role'
export type HolderOf<K extends HolderKind> = Entities[K]
export type Holder = HolderOf<HolderKind>

/** How names of operations and members call them. */
export const WORDS = { user: 'User', group: 'Group', role: 'Role' } as const

/** The member that names the holder. */
export type NamesHolder = {
  readonly UserName?: string
  readonly GroupName?: string
  readonly RoleName?: string
}

export function holderName(kind: HolderKind, input: NamesHolder): string {
  // The validation has seen that it is there.
  return input[`${WORDS[kind]}Name`] as string
}

export function holderLimits(kind: HolderKind): Readonly<Record<string, Limit>> {
  return { [`${WORDS[kind]}Name`]: NAME }
}

/** The answer's member that names the holder. */
export function namedInAnswer(kind: HolderKind, holder: Holder): NamesHolder {
  return { [`${WORDS[kind]}Name`]: holder.name }
}

export function findHolder(
  kind: HolderKind,
  input: NamesHolder,
  call: IamCall,
): Promise<Holder | Missing> {
  return findNamed(kind, holderName(kind, input), call)
}
