// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html
import { Moved } from '../../../contract/operation.ts'
import type { Group } from '../entities/entity.ts'
import { CHANGE_ERRORS, LimitExceededException } from '../errors.ts'
import { NAME, QUOTAS } from '../limits.ts'
import { type Membership, requireMember } from '../memberships.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { AddUserToGroupRequest } from '../wire.ts'

export const AddUserToGroup: IamChange<AddUserToGroupRequest, object, Group, Membership> = {
  ...changes<AddUserToGroupRequest, object>('AddUserToGroup'),
  limits: { GroupName: NAME, UserName: NAME },
  errors: CHANGE_ERRORS,
  target: (input, call) => findNamed('group', input.GroupName, call),
  demands: (group, _input, call) => [entityDemand('iam:AddUserToGroup', group, call)],
  prepare: (input, group, call) => requireMember(group, input.UserName, call),
  async apply({ group, user }, tx, call) {
    if (user.groups.includes(group.id)) return {}
    const groups = [...user.groups, group.id]
    if (groups.length > QUOTAS.groupsPerUser) {
      throw LimitExceededException.quota('GroupsPerUser', QUOTAS.groupsPerUser)
    }
    const { entities } = call.stores
    await entities.change(tx, user, { groups })
    if (!(await entities.exists(tx, group.id))) throw new Moved()
    return {}
  },
}
