// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
import type { Group } from '../entities/entity.ts'
import { CHANGE_ERRORS, DeleteConflictException } from '../errors.ts'
import { requireNoPolicies } from '../inline-policies.ts'
import { NAME } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { DeleteGroupRequest } from '../wire.ts'

export const DeleteGroup: IamChange<DeleteGroupRequest, object, Group, Group> = {
  ...changes<DeleteGroupRequest, object>('DeleteGroup'),
  limits: { GroupName: NAME },
  errors: [...CHANGE_ERRORS, DeleteConflictException],
  target: (input, call) => findNamed('group', input.GroupName, call),
  demands: (group, _input, call) => [entityDemand('iam:DeleteGroup', group, call)],
  prepare(_input, group) {
    requireNoPolicies(group)
    return group
  },
  async apply(group, tx, call) {
    const { entities } = call.stores
    await entities.delete(tx, group)
    if ((await entities.countHolders(tx, 'group', group.id)) > 0) {
      throw DeleteConflictException.must('remove users from group')
    }
    return {}
  },
}
