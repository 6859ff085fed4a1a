// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
import { identityDemand } from '../../../contract/demand.ts'
import { userView } from '../entities/views.ts'
import { PAGE, PATH_PREFIX } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOf, pageStart } from '../pages.ts'
import type { ListUsersRequest, ListUsersResponse } from '../wire.ts'

export const ListUsers: IamReading<ListUsersRequest, ListUsersResponse, 'account'> = {
  ...reads<ListUsersRequest, ListUsersResponse>('ListUsers'),
  limits: { PathPrefix: PATH_PREFIX, ...PAGE },
  errors: [],
  target: () => 'account',
  demands: (_target, _input, call) => [identityDemand('iam:ListUsers', '*', call.account)],
  async handle(input, _target, call) {
    const { PathPrefix: pathPrefix = '/' } = input
    const found = await call.stores.entities.list('user', { pathPrefix, ...pageStart(input) })
    const { entries, paging } = pageOf(found, input, ({ name }) => name)
    return { Users: entries.map(userView), ...paging }
  },
}
