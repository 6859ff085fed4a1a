// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
import type { User } from '../entities/entity.ts'
import { CHANGE_ERRORS, DeleteConflictException } from '../errors.ts'
import { requireNoPolicies } from '../inline-policies.ts'
import { NAME } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { DeleteUserRequest } from '../wire.ts'

export const DeleteUser: IamChange<DeleteUserRequest, object, User, User> = {
  ...changes<DeleteUserRequest, object>('DeleteUser'),
  limits: { UserName: NAME },
  errors: [...CHANGE_ERRORS, DeleteConflictException],
  target: (input, call) => findNamed('user', input.UserName, call),
  demands: (user, _input, call) => [entityDemand('iam:DeleteUser', user, call)],
  prepare(_input, user) {
    if (user.groups.length > 0) throw DeleteConflictException.must('remove users from group')
    requireNoPolicies(user)
    return user
  },
  async apply(user, tx, call) {
    const { entities, accessKeys } = call.stores
    await entities.delete(tx, user)
    if ((await accessKeys.count(tx, user.id)) > 0) {
      throw DeleteConflictException.must('delete access keys')
    }
    return {}
  },
}
