// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html
import { identityDemand } from '../../../contract/demand.ts'
import { Missing } from '../../../contract/operation.ts'
import { entityArn, type Group } from '../entities/entity.ts'
import { CHANGE_ERRORS, EntityAlreadyExistsException } from '../errors.ts'
import { NAME, PATH } from '../limits.ts'
import { requireName } from '../names.ts'
import { changes, type IamChange } from '../operation.ts'
import { requireNameFree } from '../renaming.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { UpdateGroupRequest } from '../wire.ts'

type Change = { readonly group: Group; readonly name: string; readonly path: string }

export const UpdateGroup: IamChange<UpdateGroupRequest, object, Group, Change> = {
  ...changes<UpdateGroupRequest, object>('UpdateGroup'),
  limits: { GroupName: NAME, NewPath: PATH, NewGroupName: NAME },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException],
  target: (input, call) => findNamed('group', input.GroupName, call),
  demands(group, { NewPath, NewGroupName }, call) {
    const demand = entityDemand('iam:UpdateGroup', group, call)
    if (group instanceof Missing) return [demand]
    // Who renames needs the permission for the old name and for the new one.
    const { account } = call
    const next = { account, path: NewPath ?? group.path, name: NewGroupName ?? group.name }
    return [demand, identityDemand('iam:UpdateGroup', entityArn('group', next), account)]
  },
  async prepare({ NewPath, NewGroupName }, group, call) {
    const change = { group, name: NewGroupName ?? group.name, path: NewPath ?? group.path }
    requireName('newGroupName', change.name)
    await requireNameFree(group, change.name, call)
    return change
  },
  async apply({ group, name, path }, tx, call) {
    await call.stores.entities.change(tx, group, { name, path })
    return {}
  },
}
