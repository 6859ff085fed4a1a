// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html
import type { Group, User } from '../entities/entity.ts'
import { groupView, userView } from '../entities/views.ts'
import { NoSuchEntityException } from '../errors.ts'
import { NAME, PAGE } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { GetGroupRequest, GetGroupResponse } from '../wire.ts'

export const GetGroup: IamReading<GetGroupRequest, GetGroupResponse, Group> = {
  ...reads<GetGroupRequest, GetGroupResponse>('GetGroup'),
  limits: { GroupName: NAME, ...PAGE },
  errors: [NoSuchEntityException],
  target: (input, call) => findNamed('group', input.GroupName, call),
  demands: (group, _input, call) => [entityDemand('iam:GetGroup', group, call)],
  async handle(input, group, call) {
    const members = await call.stores.entities.listHolders('group', group.id)
    const { entries, paging } = pageOfAll(members, input, ({ name }) => name)
    return {
      Group: groupView(group),
      Users: entries.map((member) => userView(member as User)),
      ...paging,
    }
  },
}
