// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html
import type { Role } from '../entities/entity.ts'
import { CHANGE_ERRORS } from '../errors.ts'
import { DESCRIPTION, NAME, SESSION_SECONDS } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed, requireModifiable } from '../targets.ts'
import type { UpdateRoleRequest } from '../wire.ts'

type Change = { readonly role: Role; readonly change: Partial<Role> }

export const UpdateRole: IamChange<UpdateRoleRequest, object, Role, Change> = {
  ...changes<UpdateRoleRequest, object>('UpdateRole'),
  limits: { RoleName: NAME, Description: DESCRIPTION, MaxSessionDuration: SESSION_SECONDS },
  errors: CHANGE_ERRORS,
  target: (input, call) => findNamed('role', input.RoleName, call),
  demands: (role, _input, call) => [entityDemand('iam:UpdateRole', role, call)],
  prepare({ Description: description, MaxSessionDuration }, role) {
    requireModifiable(role)
    return {
      role,
      change: {
        ...(description !== undefined && { description }),
        ...(MaxSessionDuration !== undefined && { maxSessionSeconds: MaxSessionDuration }),
      },
    }
  },
  async apply({ role, change }, tx, call) {
    await call.stores.entities.change(tx, role, change)
    return {}
  },
}
