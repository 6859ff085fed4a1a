// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html
// AWS deletes when the service lets go of the role. Nothing here holds one, so it is gone at once, and
// the task is done when it is told.
import { Missing } from '../../../contract/operation.ts'
import type { Role } from '../entities/entity.ts'
import { CHANGE_ERRORS, NoSuchEntityException } from '../errors.ts'
import { NAME } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse } from '../wire.ts'

export const DeleteServiceLinkedRole: IamChange<
  DeleteServiceLinkedRoleRequest,
  DeleteServiceLinkedRoleResponse,
  Role,
  Role
> = {
  ...changes<DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse>(
    'DeleteServiceLinkedRole',
  ),
  limits: { RoleName: NAME },
  errors: CHANGE_ERRORS,
  target: (input, call) => findNamed('role', input.RoleName, call),
  demands: (role, _input, call) => [
    entityDemand('iam:DeleteServiceLinkedRole', role, call, () =>
      role instanceof Missing || role.linkedService === undefined
        ? []
        : [['iam:AWSServiceName', role.linkedService]],
    ),
  ],
  prepare(_input, role) {
    if (role.linkedService === undefined) throw NoSuchEntityException.named('role', role.name)
    return role
  },
  async apply(role, tx, call) {
    await call.stores.entities.delete(tx, role)
    return { DeletionTaskId: `task${role.path}${role.name}/${role.id}` }
  },
}
