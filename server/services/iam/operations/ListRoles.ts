// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
import { identityDemand } from '../../../contract/demand.ts'
import { roleView } from '../entities/views.ts'
import { PAGE, PATH_PREFIX } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOf, pageStart } from '../pages.ts'
import type { ListRolesRequest, ListRolesResponse } from '../wire.ts'

export const ListRoles: IamReading<ListRolesRequest, ListRolesResponse, 'account'> = {
  ...reads<ListRolesRequest, ListRolesResponse>('ListRoles'),
  limits: { PathPrefix: PATH_PREFIX, ...PAGE },
  errors: [],
  target: () => 'account',
  demands: (_target, _input, call) => [identityDemand('iam:ListRoles', '*', call.account)],
  async handle(input, _target, call) {
    const { entities, identities } = call.stores
    const { PathPrefix: pathPrefix = '/' } = input
    const found = await entities.list('role', { pathPrefix, ...pageStart(input) })
    const { entries, paging } = pageOf(found, input, ({ name }) => name)
    const roles = await Promise.all(entries.map((role) => roleView(role, identities)))
    return { Roles: roles, ...paging }
  },
}
