// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
import type { Role } from '../entities/entity.ts'
import { wholeRoleView } from '../entities/views.ts'
import { NoSuchEntityException } from '../errors.ts'
import { NAME } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { GetRoleRequest, GetRoleResponse } from '../wire.ts'

export const GetRole: IamReading<GetRoleRequest, GetRoleResponse, Role> = {
  ...reads<GetRoleRequest, GetRoleResponse>('GetRole'),
  limits: { RoleName: NAME },
  errors: [NoSuchEntityException],
  target: (input, call) => findNamed('role', input.RoleName, call),
  demands: (role, _input, call) => [entityDemand('iam:GetRole', role, call)],
  handle: async (_input, role, call) => ({
    Role: await wholeRoleView(role, call.stores.identities),
  }),
}
