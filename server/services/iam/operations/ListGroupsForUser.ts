// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html
import type { User } from '../entities/entity.ts'
import { groupView } from '../entities/views.ts'
import { NoSuchEntityException } from '../errors.ts'
import { NAME, PAGE } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import { entityDemand, findNamed } from '../targets.ts'
import type { ListGroupsForUserRequest, ListGroupsForUserResponse } from '../wire.ts'

export const ListGroupsForUser: IamReading<
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  User
> = {
  ...reads<ListGroupsForUserRequest, ListGroupsForUserResponse>('ListGroupsForUser'),
  limits: { UserName: NAME, ...PAGE },
  errors: [NoSuchEntityException],
  target: (input, call) => findNamed('user', input.UserName, call),
  demands: (user, _input, call) => [entityDemand('iam:ListGroupsForUser', user, call)],
  async handle(input, user, call) {
    const { entities } = call.stores
    const found = await Promise.all(user.groups.map((id) => entities.findById('group', id)))
    const groups = found.filter((group) => group !== undefined)
    const { entries, paging } = pageOfAll(groups, input, ({ name }) => name)
    return { Groups: entries.map(groupView), ...paging }
  },
}
