// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
import { identityDemand } from '../../../contract/demand.ts'
import { Missing } from '../../../contract/operation.ts'
import { entityArn, type User } from '../entities/entity.ts'
import { CHANGE_ERRORS, EntityAlreadyExistsException } from '../errors.ts'
import { NAME, NEW_NAME, PATH } from '../limits.ts'
import { requireName } from '../names.ts'
import { changes, type IamChange } from '../operation.ts'
import { requireNameFree } from '../renaming.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { UpdateUserRequest } from '../wire.ts'

type Change = { readonly user: User; readonly name: string; readonly path: string }

export const UpdateUser: IamChange<UpdateUserRequest, object, User, Change> = {
  ...changes<UpdateUserRequest, object>('UpdateUser'),
  limits: { UserName: NAME, NewPath: PATH, NewUserName: NEW_NAME },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException],
  target: (input, call) => findNamed('user', input.UserName, call),
  demands(user, { NewPath, NewUserName }, call) {
    const demand = entityDemand('iam:UpdateUser', user, call)
    if (user instanceof Missing) return [demand]
    // Who renames needs the permission for the old name and for the new one.
    const next = {
      account: call.account,
      path: NewPath ?? user.path,
      name: NewUserName ?? user.name,
    }
    return [demand, identityDemand('iam:UpdateUser', entityArn('user', next), call.account)]
  },
  async prepare({ NewPath, NewUserName }, user, call) {
    const change = { user, name: NewUserName ?? user.name, path: NewPath ?? user.path }
    requireName('newUserName', change.name)
    await requireNameFree(user, change.name, call)
    return change
  },
  async apply({ user, name, path }, tx, call) {
    await call.stores.entities.change(tx, user, { name, path })
    return {}
  },
}
