// Whose access keys a call is about: a user's, or, where the root user calls without a name, its own.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html (UserName)
import type { Demand } from '../../contract/demand.ts'
import { identityDemand } from '../../contract/demand.ts'
import { Missing } from '../../contract/operation.ts'
import { ROOT } from './access-key-directory.ts'
import type { User } from './entities/entity.ts'
import type { IamCall } from './operation.ts'
import { entityDemand, findUserOrCaller } from './targets.ts'

/** Without a user: the root user of the account. */
export type KeyOwner = { readonly account: string; readonly user: User | undefined }

export async function findKeyOwner(
  name: string | undefined,
  call: IamCall,
): Promise<KeyOwner | Missing> {
  if (name === undefined && call.caller.type === 'Root')
    return { account: call.account, user: undefined }
  const user = await findUserOrCaller(name, call)
  return user instanceof Missing ? user : { account: call.account, user }
}

export function keyOwnerDemand(action: string, owner: KeyOwner | Missing, call: IamCall): Demand {
  const { account } = call
  if (owner instanceof Missing) return entityDemand(action, owner, call)
  return owner.user === undefined
    ? identityDemand(action, `arn:aws:iam::${account}:root`, account)
    : entityDemand(action, owner.user, call)
}

/** The principal under which the keys are stored. */
export function principalOf({ user }: KeyOwner): string {
  return user?.id ?? ROOT
}

/** As answers name the owner; the root user has no name. */
export function ownerName({ user }: KeyOwner): { readonly UserName?: string } {
  return user === undefined ? {} : { UserName: user.name }
}
