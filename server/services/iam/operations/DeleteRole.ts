// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
import type { Role } from '../entities/entity.ts'
import { CHANGE_ERRORS, DeleteConflictException } from '../errors.ts'
import { requireNoPolicies } from '../inline-policies.ts'
import { NAME } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed, requireModifiable } from '../targets.ts'
import type { DeleteRoleRequest } from '../wire.ts'

export const DeleteRole: IamChange<DeleteRoleRequest, object, Role, Role> = {
  ...changes<DeleteRoleRequest, object>('DeleteRole'),
  limits: { RoleName: NAME },
  errors: [...CHANGE_ERRORS, DeleteConflictException],
  target: (input, call) => findNamed('role', input.RoleName, call),
  demands: (role, _input, call) => [entityDemand('iam:DeleteRole', role, call)],
  prepare(_input, role) {
    requireModifiable(role)
    requireNoPolicies(role)
    return role
  },
  async apply(role, tx, call) {
    await call.stores.entities.delete(tx, role)
    return {}
  },
}
