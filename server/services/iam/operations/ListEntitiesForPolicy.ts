// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
import { oneOf } from '../../../schema/limits.ts'
import { entityArn, type ManagedPolicy } from '../entities/entity.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { ARN, PAGE, PATH_PREFIX } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import { entityDemand, findPolicy } from '../targets.ts'
import type { ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse } from '../wire.ts'

const FILTERS = {
  User: 'User',
  Role: 'Role',
  Group: 'Group',
  LocalManagedPolicy: 'LocalManagedPolicy',
  AWSManagedPolicy: 'AWSManagedPolicy',
}

export const ListEntitiesForPolicy: IamReading<
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
  ManagedPolicy
> = {
  ...reads<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse>('ListEntitiesForPolicy'),
  limits: {
    PolicyArn: ARN,
    EntityFilter: oneOf(FILTERS),
    PathPrefix: PATH_PREFIX,
    PolicyUsageFilter: oneOf({ Policy: 'PermissionsPolicy', Boundary: 'PermissionsBoundary' }),
    ...PAGE,
  },
  errors: [NoSuchEntityException, InvalidInputException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:ListEntitiesForPolicy', policy, call)],
  async handle(input, policy, call) {
    const { entities } = call.stores
    const arn = entityArn('policy', policy)
    const isBoundary = input.PolicyUsageFilter === 'PermissionsBoundary'
    const holders = await entities.listHolders(isBoundary ? 'boundary' : 'policy', arn)
    const { EntityFilter: filter, PathPrefix: prefix = '/' } = input
    const asked = holders.filter(
      ({ kind, path }) =>
        path.startsWith(prefix) && (filter === undefined || filter.toLowerCase() === kind),
    )
    const { entries, paging } = pageOfAll(asked, input, ({ kind, name }) => `${kind}/${name}`)
    const of = (kind: string) => entries.filter((entry) => entry.kind === kind)
    return {
      PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...paging,
    }
  },
}
