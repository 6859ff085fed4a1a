// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html
import { identityDemand } from '../../../contract/demand.ts'
import { groupView } from '../entities/views.ts'
import { PAGE, PATH_PREFIX } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOf, pageStart } from '../pages.ts'
import type { ListGroupsRequest, ListGroupsResponse } from '../wire.ts'

export const ListGroups: IamReading<ListGroupsRequest, ListGroupsResponse, 'account'> = {
  ...reads<ListGroupsRequest, ListGroupsResponse>('ListGroups'),
  limits: { PathPrefix: PATH_PREFIX, ...PAGE },
  errors: [],
  target: () => 'account',
  demands: (_target, _input, call) => [identityDemand('iam:ListGroups', '*', call.account)],
  async handle(input, _target, call) {
    const { PathPrefix: pathPrefix = '/' } = input
    const found = await call.stores.entities.list('group', { pathPrefix, ...pageStart(input) })
    const { entries, paging } = pageOf(found, input, ({ name }) => name)
    return { Groups: entries.map(groupView), ...paging }
  },
}
