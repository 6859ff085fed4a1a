// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html
import type { Group } from '../entities/entity.ts'
import { CHANGE_ERRORS, NoSuchEntityException } from '../errors.ts'
import { NAME } from '../limits.ts'
import { type Membership, requireMember } from '../memberships.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { RemoveUserFromGroupRequest } from '../wire.ts'

export const RemoveUserFromGroup: IamChange<RemoveUserFromGroupRequest, object, Group, Membership> =
  {
    ...changes<RemoveUserFromGroupRequest, object>('RemoveUserFromGroup'),
    limits: { GroupName: NAME, UserName: NAME },
    errors: CHANGE_ERRORS,
    target: (input, call) => findNamed('group', input.GroupName, call),
    demands: (group, _input, call) => [entityDemand('iam:RemoveUserFromGroup', group, call)],
    async prepare(input, group, call) {
      const membership = await requireMember(group, input.UserName, call)
      if (!membership.user.groups.includes(group.id)) {
        throw NoSuchEntityException.notInGroup(input.UserName, input.GroupName)
      }
      return membership
    },
    async apply({ group, user }, tx, call) {
      const groups = user.groups.filter((id) => id !== group.id)
      await call.stores.entities.change(tx, user, { groups })
      return {}
    },
  }
