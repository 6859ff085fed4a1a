// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html
import type { Role } from '../entities/entity.ts'
import { wholeRoleView } from '../entities/views.ts'
import { CHANGE_ERRORS } from '../errors.ts'
import { DESCRIPTION, NAME } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse } from '../wire.ts'

type Change = { readonly role: Role; readonly description: string }

// A service-linked role's description is the one thing of it that its account may change.
export const UpdateRoleDescription: IamChange<
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  Role,
  Change
> = {
  ...changes<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse>('UpdateRoleDescription'),
  limits: { RoleName: NAME, Description: DESCRIPTION },
  errors: CHANGE_ERRORS,
  target: (input, call) => findNamed('role', input.RoleName, call),
  demands: (role, _input, call) => [entityDemand('iam:UpdateRoleDescription', role, call)],
  prepare: ({ Description: description }, role) => ({ role, description }),
  async apply({ role, description }, tx, call) {
    const { entities, identities } = call.stores
    await entities.change(tx, role, { description })
    return { Role: await wholeRoleView({ ...role, description }, identities) }
  },
}
