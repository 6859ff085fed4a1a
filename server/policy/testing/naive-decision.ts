// The algorithm evaluated a second time, straight from documents and without compiling: what
// `authorize` must agree with. It follows the written algorithm line by line and shares no code.
import type { Principal } from '../principal.ts'
import type { NaiveContext } from './naive-conditions.ts'
import { naiveCondition, naiveLike, naiveTokens } from './naive-conditions.ts'
import type { Document, Scene, SceneDemand } from './scene.ts'

type Statement = {
  Effect: string
  Principal?: '*' | Record<string, string | string[]>
  NotPrincipal?: Record<string, string | string[]>
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}
type Asked = { scene: Scene; demand: SceneDemand; context: NaiveContext; account: string }

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** Allow, explicit deny or implicit deny of one demand. */
export function naiveVerdict(scene: Scene, demand: SceneDemand, context: NaiveContext): string {
  const { principal } = scene
  const account = demand.account ?? '111122223333'
  const asked: Asked = { scene, demand, context, account }
  const own = 'account' in principal ? principal.account : undefined
  const linked = principal.kind === 'role-session' && principal.role === 'service-linked'
  const scp =
    own !== undefined && !linked && scene.serviceControl?.managementAccount !== own
      ? scene.serviceControl?.levels
      : undefined
  const rcp =
    !linked && demand.resourceControl?.managementAccount !== account
      ? demand.resourceControl?.levels
      : undefined
  const session = scene.session ?? (principal.kind === 'federated-user' ? [] : undefined)
  const authority = demand.authority ?? 'delegation'
  if (authority === 'anyone') return 'allow'
  const resource = authority === 'identity' || authority === 'grant' ? undefined : demand.policy
  const everything: Document[] = [
    ...(scp ?? []).flat(),
    ...(rcp ?? []).flat(),
    ...list(scene.endpoint ?? undefined),
    ...list(resource ?? undefined),
    ...(scene.identity ?? []),
    ...list(scene.boundary ?? undefined),
    ...(session ?? []),
  ]
  const says = (document: Document, effect: string) => kindsOf(document, effect, asked).size > 0
  const allows = (documents: readonly Document[]) => documents.some((one) => says(one, 'Allow'))
  if (everything.some((document) => says(document, 'Deny'))) return 'explicit-deny'
  if ([...(scp ?? []), ...(rcp ?? [])].some((level) => !allows(level))) return 'implicit-deny'
  if (scp?.length === 0 || rcp?.length === 0) return 'implicit-deny'
  if (scene.endpoint && !allows([scene.endpoint])) return 'implicit-deny'

  const kinds = resource ? kindsOf(resource, 'Allow', asked) : new Set<string>()
  const cut =
    (scene.boundary ? allows([scene.boundary]) : true) && (session ? allows(session) : true)
  const identityOk = allows(scene.identity ?? []) && cut
  const verdict = accessOk(asked, kinds, cut, identityOk) ? 'allow' : 'implicit-deny'
  return verdict
}

function accessOk(asked: Asked, kinds: Set<string>, cut: boolean, identityOk: boolean): boolean {
  const { demand, account } = asked
  const principal: Principal = asked.scene.principal
  const authority = demand.authority ?? 'delegation'
  const takesGrants = authority === 'delegation' || authority === 'grant'
  const service = principal.kind === 'service'
  const grants = takesGrants
    ? (demand.grants ?? []).filter(({ grantee }) => (grantee === 'service') === service)
    : []
  if (service) return kinds.has('SERVICE') || kinds.has('STAR') || grants.length > 0
  if (principal.kind === 'federated-identity') return kinds.has('FEDERATED')
  if (principal.kind === 'anonymous') {
    return authority === 'either' && !demand.publicAccessBlocked && kinds.has('STAR')
  }
  const same = principal.account === account
  const root = principal.kind === 'root-user'
  const user = principal.kind === 'user'
  const suffices = (grantee: string) =>
    grantee === 'session' ||
    grantee === 'federated-user' ||
    (grantee === 'user' && (user || cut)) ||
    (grantee === 'role' && cut)
  if (authority === 'grant') {
    const named = grants.some(({ grantee }) =>
      grantee === 'account' ? root || identityOk : suffices(grantee),
    )
    return named || (same && (root || identityOk))
  }
  if (root) {
    if (same && authority !== 'delegation') return true
    const open = kinds.has('ACCOUNT') || kinds.has('STAR') || kinds.has('CANONICAL')
    return open || grants.some(({ grantee }) => grantee === 'account')
  }
  const grantOk = grants.some(
    (grant) => grant.issuer === principal.account && suffices(grant.grantee),
  )
  if (!same) return grantOk || (identityOk && (kinds.size > 0 || grants.length > 0))
  const directOk =
    kinds.has('STAR') ||
    kinds.has('SESSION') ||
    (kinds.has('USER') && (user || cut)) ||
    (kinds.has('ROLE') && cut)
  if (authority !== 'delegation') return directOk || identityOk
  const delegated = kinds.has('ACCOUNT') || kinds.has('CANONICAL') || grants.length > 0
  return directOk || grantOk || (delegated && identityOk)
}

/** How matching statements of an effect name the caller; `-` where they name nobody. */
function kindsOf(document: Document, effect: string, asked: Asked): Set<string> {
  const { Statement, Version } = document as {
    Statement: Statement | Statement[]
    Version?: string
  }
  const kinds = new Set<string>()
  for (const statement of list(Statement)) {
    if (statement.Effect !== effect) continue
    if (!matches(statement, Version === '2012-10-17', asked)) continue
    for (const kind of principalKinds(statement, asked)) kinds.add(kind)
  }
  return kinds
}

function matches(statement: Statement, variables: boolean, { demand, context }: Asked): boolean {
  const none = { text: '' }
  const action = (text: string) =>
    text === '*' ||
    naiveLike(
      naiveTokens(text.toLowerCase(), false, context) ?? [none],
      demand.action.toLowerCase(),
    )
  const actions = list(statement.Action ?? statement.NotAction)
  if (actions.some(action) === (statement.NotAction !== undefined)) return false
  let unresolved = false
  const resource = (text: string): boolean => {
    if (text === '*') return true
    const wanted = sixParts(text)
    const requested = sixParts(demand.resource)
    if (demand.resource === '*') return false
    const fixed = wanted
      .slice(0, 5)
      .every((part, index) =>
        naiveLike(naiveTokens(part, false, context) ?? [none], requested[index] ?? ''),
      )
    if (!fixed) return false
    const last = naiveTokens(wanted[5] ?? '', variables, context)
    if (last === undefined) unresolved = true
    return last !== undefined && naiveLike(last, requested[5] ?? '')
  }
  const resources = list(statement.Resource ?? statement.NotResource)
  const matched = resources.map(resource).includes(true)
  if (matched === (statement.NotResource !== undefined)) return false
  if (statement.NotResource !== undefined && unresolved) return false
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      naiveCondition(operator, key, list(values), { context, effect: statement.Effect, variables }),
    ),
  )
}

function sixParts(text: string): string[] {
  const parts = text.split(':')
  return [...parts.slice(0, 5), parts.slice(5).join(':')]
}

function principalKinds(statement: Statement, { scene }: Asked): string[] {
  const { principal } = scene
  if (statement.Principal === undefined && statement.NotPrincipal === undefined) return ['-']
  const named = statement.Principal ?? statement.NotPrincipal ?? {}
  if (named === '*') return ['STAR']
  const aws = list(named.AWS)
  const kinds: string[] = []
  if (aws.includes('*')) kinds.push('STAR')
  const has = (...names: string[]) => names.some((name) => aws.includes(name))
  if (principal.kind === 'user' && has(principal.arn, principal.id)) kinds.push('USER')
  if (principal.kind === 'role-session') {
    if (has(principal.arn)) kinds.push('SESSION')
    if (has(principal.roleArn, principal.roleId)) kinds.push('ROLE')
  }
  if (principal.kind === 'federated-user') {
    if (has(principal.arn)) kinds.push('SESSION')
    if (has(principal.userArn, principal.userId)) kinds.push('USER')
  }
  if ('account' in principal && has(principal.account, `arn:aws:iam::${principal.account}:root`)) {
    kinds.push('ACCOUNT')
  }
  if (principal.kind === 'service' && list(named.Service).includes(principal.name)) {
    kinds.push('SERVICE')
  }
  if (
    principal.kind === 'federated-identity' &&
    list(named.Federated).includes(principal.provider)
  ) {
    kinds.push('FEDERATED')
  }
  if (statement.Principal !== undefined) return kinds
  const whole: Record<string, string[]> = {
    'root-user': ['ACCOUNT'],
    user: ['USER', 'ACCOUNT'],
    'role-session': ['SESSION', 'ROLE', 'ACCOUNT'],
    'federated-user': ['SESSION', 'USER', 'ACCOUNT'],
    'federated-identity': ['FEDERATED'],
    service: ['SERVICE'],
    anonymous: ['nobody'],
  }
  const spared = !scene.boundary && whole[principal.kind]?.every((kind) => kinds.includes(kind))
  return spared ? [] : ['STAR']
}
