// keyhold policy explain: may this principal do that, which statement or grant decided, what is missing.
import type { Explanation } from '../../policy/authorize.ts'
import { denialMessage } from '../../policy/decision.ts'
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { NoSuchKeyException, NoSuchPrincipalException } from '../errors.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'

type Texts = Readonly<Record<string, string>>
type ExplainAccessRequest = {
  Principal: string
  Action: string
  Resource: string
  /** `key=value` each; a key that is given again has several values. */
  Context?: string[]
}
type ExplainAccessResponse = {
  Allowed: boolean
  /** What the caller would be told. */
  Message?: string
  DecidedBy?: string
  Layers: readonly Texts[]
  Statements: readonly Texts[]
}

export const ExplainAccess: OperatorReading<ExplainAccessRequest, ExplainAccessResponse> = {
  ...onInstallation,
  schema: ownSchema<ExplainAccessRequest, ExplainAccessResponse>(
    'ExplainAccess',
    { Principal: 'string!', Action: 'string!', Resource: 'string!', Context: 'strings?' },
    {
      Allowed: 'boolean!',
      Message: 'string?',
      DecidedBy: 'string?',
      Layers: 'objects!',
      Statements: 'objects!',
    },
  ),
  limits: {
    Principal: length(1, 2048),
    Action: length(1, 128),
    Resource: length(1, 2048),
    Context: length(0, 100),
  },
  errors: [NoSuchPrincipalException, NoSuchKeyException],
  demands: (_target, _input, call) => operatorDemand('ExplainAccess', call),
  audit: { readOnly: true, show: ['Principal', 'Action', 'Resource'], showOutput: ['Allowed'] },
  async handle(input, _target, call) {
    const { Principal: principal, Action: action, Resource: resource } = input
    const supposed = readContext(input.Context ?? [])
    const asked = { principal, action, resource, supposed }
    const explanation = await call.stores.access.explain(asked, call.nowMs)
    const decidedBy = decider(explanation)
    return {
      Allowed: explanation.allowed,
      ...(!explanation.allowed && {
        Message: denialMessage(explanation, { caller: explanation.caller.arn, action, resource }),
      }),
      ...(decidedBy !== undefined && { DecidedBy: decidedBy }),
      Layers: explanation.trace.map(({ layer, outcome, statement, kinds, grants }) => ({
        Layer: layer,
        Outcome: outcome,
        ...(statement !== undefined && { Statement: nameOf(statement) }),
        ...(kinds.length > 0 && { NamedAs: kinds.join(', ') }),
        ...(grants.length > 0 && { Grants: grants.join(', ') }),
      })),
      Statements: explanation.statements.map(statementTexts),
    }
  },
}

/** The pairs as condition keys; a key given more than once is a list. */
function readContext(pairs: readonly string[]): [key: string, value: string | string[]][] {
  const values = new Map<string, string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const key = at === -1 ? pair : pair.slice(0, at)
    values.set(key, [...(values.get(key) ?? []), at === -1 ? '' : pair.slice(at + 1)])
  }
  return [...values].map(([key, list]) => [key, list.length === 1 ? (list[0] as string) : list])
}

function decider({ grant, statement, layer }: Explanation): string | undefined {
  if (grant !== undefined) return `grant ${grant}`
  return statement === undefined ? layer : `${layer} policy: ${nameOf(statement)}`
}

function statementTexts(trace: Explanation['statements'][number]): Texts {
  const { layer, statement, effect, matches, action, resource, principal, conditions } = trace
  return {
    Layer: layer,
    Statement: nameOf(statement),
    Effect: effect,
    Matches: String(matches),
    Action: String(action),
    Resource: String(resource),
    ...(principal !== undefined && { Principal: principal.join(', ') || 'false' }),
    ...(conditions.length > 0 && {
      Conditions: conditions
        .map(({ operator, key, holds, missing }) => {
          const outcome = holds ? 'holds' : missing ? 'fails: the request has no such key' : 'fails'
          return `${operator} ${key} ${outcome}`
        })
        .join('; '),
    }),
  }
}

function nameOf({ policy, sid, index }: NonNullable<Explanation['statement']>): string {
  return `${policy} ${sid === undefined ? `Statement[${index}]` : `${sid} (Statement[${index}])`}`
}
