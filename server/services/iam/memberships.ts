// Users in groups: who is put into which.
import { Missing } from '../../contract/operation.ts'
import type { Group, User } from './entities/entity.ts'
import type { IamCall } from './operation.ts'
import { findNamed } from './targets.ts'

export type Membership = { readonly group: Group; readonly user: User }

/** The user of this name; throws where there is none: the call was allowed on the group. */
export async function requireMember(
  group: Group,
  name: string,
  call: IamCall,
): Promise<Membership> {
  const user = await findNamed('user', name, call)
  if (user instanceof Missing) throw user.error
  return { group, user }
}
