// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
import { identityDemand } from '../../../contract/demand.ts'
import { entityArn, type Group } from '../entities/entity.ts'
import { newEntityId } from '../entities/unique-id.ts'
import { groupView } from '../entities/views.ts'
import { CHANGE_ERRORS, EntityAlreadyExistsException, LimitExceededException } from '../errors.ts'
import { NAME, PATH, QUOTAS } from '../limits.ts'
import { requireName } from '../names.ts'
import { changes, type IamChange } from '../operation.ts'
import type { CreateGroupRequest, CreateGroupResponse } from '../wire.ts'

export const CreateGroup: IamChange<CreateGroupRequest, CreateGroupResponse, 'account', Group> = {
  ...changes<CreateGroupRequest, CreateGroupResponse>('CreateGroup'),
  limits: { Path: PATH, GroupName: NAME },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException],
  target(input) {
    requireName('groupName', input.GroupName)
    return 'account'
  },
  demands(_target, { Path: path = '/', GroupName: name }, { account }) {
    return [identityDemand('iam:CreateGroup', entityArn('group', { account, path, name }), account)]
  },
  prepare: ({ Path: path = '/', GroupName: name }, _target, call) => ({
    kind: 'group',
    account: call.account,
    id: newEntityId('group'),
    name,
    path,
    version: 1,
    createdAtMs: call.nowMs,
    inline: [],
    attached: [],
  }),
  async apply(group, tx, call) {
    const { entities } = call.stores
    if (!(await entities.insert(tx, group))) {
      throw EntityAlreadyExistsException.named('group', group.name)
    }
    if ((await entities.count(tx, 'group')) > QUOTAS.groups) {
      throw LimitExceededException.quota('GroupsPerAccount', QUOTAS.groups)
    }
    return { Group: groupView(group) }
  },
}
