// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
import { identityDemand } from '../../../contract/demand.ts'
import { each, oneOf } from '../../../schema/limits.ts'
import { groupDetail, policyDetail, roleDetail, userDetail } from '../entities/details.ts'
import type { Entity, EntityKind } from '../entities/entity.ts'
import { PAGE, QUOTAS } from '../limits.ts'
import { type IamCall, type IamReading, reads } from '../operation.ts'
import { pageOf, pageStart } from '../pages.ts'
import { AWS_POLICIES } from '../policies/aws-managed.ts'
import { policyUses } from '../policies/uses.ts'
import type {
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
} from '../wire.ts'

/** What a filter names, in the order of the pages. */
const FILTERS = ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const
type Filter = (typeof FILTERS)[number]
type Found = { readonly place: string; readonly entity: Entity }

const KINDS: Readonly<Record<Exclude<Filter, 'AWSManagedPolicy'>, EntityKind>> = {
  User: 'user',
  Group: 'group',
  Role: 'role',
  LocalManagedPolicy: 'policy',
}

export const GetAccountAuthorizationDetails: IamReading<
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
  'account'
> = {
  ...reads<GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse>(
    'GetAccountAuthorizationDetails',
  ),
  limits: {
    Filter: each(oneOf(Object.fromEntries(FILTERS.map((name) => [name, name])))),
    ...PAGE,
  },
  errors: [],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('iam:GetAccountAuthorizationDetails', '*', call.account),
  ],
  async handle(input, _target, call) {
    const { entities, identities } = call.stores
    const { entries, paging } = pageOf(await findFrom(input, call), input, ({ place }) => place)
    const of = <K extends EntityKind>(kind: K) =>
      entries.flatMap(({ entity }) => (entity.kind === kind ? entity : [])) as Extract<
        Entity,
        { kind: K }
      >[]
    const useOf = await policyUses(entities)
    const everything = { pathPrefix: '/', after: undefined, limit: QUOTAS.groups }
    const groups = new Map(
      (await entities.list('group', everything)).map(({ id, name }) => [id, name]),
    )
    return {
      UserDetailList: of('user').map((user) => userDetail(user, groups)),
      GroupDetailList: of('group').map(groupDetail),
      RoleDetailList: await Promise.all(of('role').map((role) => roleDetail(role, identities))),
      Policies: of('policy').map((policy) => policyDetail(policy, useOf(policy))),
      ...paging,
    }
  },
}

/** What the page shows and one more, kind after kind; a place is the number of the kind and a name. */
async function findFrom(
  input: GetAccountAuthorizationDetailsRequest,
  call: IamCall,
): Promise<readonly Found[]> {
  const { after, limit } = pageStart(input)
  const [, afterFilter, afterName] = /^(\d) (.+)$/.exec(after ?? '') ?? []
  const first = Number(afterFilter ?? 0)
  const found: Found[] = []
  for (const [index, filter] of FILTERS.entries()) {
    const isAsked =
      input.Filter === undefined || input.Filter.length === 0 || input.Filter.includes(filter)
    if (index < first || !isAsked) continue
    const name = index === first ? afterName : undefined
    const some = await listSome(filter, name, limit - found.length, call)
    found.push(...some.map((entity) => ({ place: `${index} ${entity.name}`, entity })))
    if (found.length >= limit) break
  }
  return found
}

/** Of AWS's policies those that are in use. */
async function listSome(
  filter: Filter,
  after: string | undefined,
  limit: number,
  call: IamCall,
): Promise<readonly Entity[]> {
  const { entities } = call.stores
  if (filter !== 'AWSManagedPolicy') {
    return entities.list(KINDS[filter], { pathPrefix: '/', after, limit })
  }
  const useOf = await policyUses(entities)
  return AWS_POLICIES.filter((policy) => {
    const { attachments, boundaries } = useOf(policy)
    return attachments + boundaries > 0 && (after === undefined || policy.name > after)
  })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .slice(0, limit)
}
