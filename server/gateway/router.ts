// Which operation does the request mean? By target header first, then by credential scope.
import type { Plan } from '../pipeline/plan.ts'
import { UnknownOperationException } from './errors.ts'
import { awsJsonCodec, isAwsJson, jsonError } from './wire/aws-json.ts'
import type { Codec } from './wire/codec.ts'
import { formParameters, isForm, queryCodec, queryError } from './wire/query.ts'

export type Route = { readonly plan: Plan; readonly codec: Codec }

/** How to tell a caller an error before the operation is known. */
export type ErrorWriter = Codec['error']

export type Router = {
  /** By the header alone, before the body is there; nothing where the body must tell. */
  byTarget(target: string): Route | undefined
  /** By content type, credential scope and body; throws UnknownOperationException. */
  byBody(request: RoutedRequest): Route
  errorWriter(contentType: string | undefined): ErrorWriter
}

export type RoutedRequest = {
  readonly method: string
  readonly contentType: string | undefined
  readonly authorization: string | undefined
  readonly body: Buffer
}

export function createRouter(plans: readonly Plan[]): Router {
  const targets = new Map<string, Route>()
  const actions = new Map<string, Route[]>()
  let namespace = ''
  for (const plan of plans) {
    const { wire } = plan.service
    if (wire.kind === 'aws-json') {
      const codec = awsJsonCodec(plan.operation, wire.version)
      targets.set(`${wire.targetPrefix}.${plan.name}`, { plan, codec })
    } else {
      namespace ||= wire.xmlNamespace
      const route = { plan, codec: queryCodec(plan.operation, wire.xmlNamespace) }
      actions.set(plan.name, [...(actions.get(plan.name) ?? []), route])
    }
  }
  return {
    byTarget: (target) => targets.get(target),
    byBody({ method, contentType, authorization, body }) {
      if (method !== 'POST' || !isForm(contentType)) throw new UnknownOperationException()
      const candidates = actions.get(formParameters(body).get('Action') ?? '') ?? []
      const [, , , service] = authorization?.split('Credential=')[1]?.split('/', 4) ?? []
      const route = candidates.find(({ plan }) => plan.service.name === service) ?? candidates[0]
      if (route === undefined) throw new UnknownOperationException()
      return route
    },
    errorWriter: (contentType) =>
      isForm(contentType) && !isAwsJson(contentType)
        ? (error, requestId) => queryError(error, requestId, namespace)
        : (error) => jsonError(error),
  }
}
