// Which operation does the request mean? By target header first, then by credential scope.
import { SerializationException } from '../contract/errors.ts'
import type { Plan } from '../pipeline/plan.ts'
import {
  MissingActionException,
  RequestEntityTooLargeException,
  UnknownOperationException,
} from './errors.ts'
import { awsJsonCodec, jsonError } from './wire/aws-json.ts'
import type { Codec } from './wire/codec.ts'
import { type Form, isForm, readForm } from './wire/form.ts'
import { type QueryCodec, type QueryWire, queryCodec, queryError } from './wire/query.ts'

export type Route = { readonly plan: Plan; readonly codec: Codec }

/** How to tell a caller an error before the operation is known. */
export type ErrorWriter = Codec['error']

export type Router = {
  /** By the header alone, before the body is there; nothing where the body must tell. */
  byTarget(target: string): Route | undefined
  /** By form parameters and credential scope; throws where they name no operation. */
  byForm(request: RoutedRequest): Route
  errorWriter(request: RequestHead): ErrorWriter
}

type RequestHead = {
  /** The request target as it stands on the wire: path and query. */
  readonly url: string
  readonly contentType: string | undefined
}

type RoutedRequest = RequestHead & {
  readonly method: string
  readonly authorization: string | undefined
  readonly body: Buffer
}

type QueryRoute = { readonly plan: Plan; readonly wire: QueryWire; readonly codec: QueryCodec }

const EMPTY = Buffer.alloc(0)

export function createRouter(plans: readonly Plan[]): Router {
  const targets = new Map<string, Route>()
  const actions = new Map<string, QueryRoute[]>()
  for (const plan of plans) {
    const { wire } = plan.service
    if (wire.kind === 'aws-json') {
      const codec = awsJsonCodec(plan.operation, wire.version)
      targets.set(`${wire.targetPrefix}.${plan.name}`, { plan, codec })
    } else {
      const route = { plan, wire, codec: queryCodec(plan.operation, wire) }
      actions.set(plan.name, [...(actions.get(plan.name) ?? []), route])
    }
  }
  return {
    byTarget: (target) => targets.get(target),
    byForm(request) {
      const form = formOf(request)
      if (form === undefined) throw new UnknownOperationException()
      const action = form.parameters.get('Action') ?? ''
      const version = form.parameters.get('Version') ?? 'NO_VERSION_SPECIFIED'
      const candidates = (actions.get(action) ?? []).filter(
        ({ wire }) => wire.apiVersion === version,
      )
      const service = scopedService(request.authorization, form)
      const route = candidates.find(({ plan }) => plan.service.name === service) ?? candidates[0]
      if (route === undefined) {
        if (form.problem !== undefined) throw new SerializationException(form.problem)
        if (action === '') throw new MissingActionException()
        throw new UnknownOperationException(
          `Could not find operation ${shown(action)} for version ${shown(version)}`,
        )
      }
      const { plan, codec } = route
      const { maxBodyBytes } = plan.service
      if (request.body.length > maxBodyBytes) throw new RequestEntityTooLargeException(maxBodyBytes)
      return { plan, codec: { ...codec, read: () => codec.read(form) } }
    },
    errorWriter: ({ url, contentType }) =>
      isForm(contentType) || /[?&]Action=/.test(url)
        ? (error, requestId) => queryError(error, requestId, undefined)
        : (error) => jsonError(error),
  }
}

/** The parameters of a GET stand in its query string, those of a POST in its body, or in both. */
function formOf({ method, url, contentType, body }: RoutedRequest): Form | undefined {
  const at = url.indexOf('?')
  const query = Buffer.from(at === -1 ? '' : url.slice(at + 1), 'latin1')
  if (method === 'GET') return at === -1 ? undefined : readForm(EMPTY, query)
  return method === 'POST' && isForm(contentType) ? readForm(body, query) : undefined
}

/** The service that the signature is for, in either place where a signature can stand. */
function scopedService(authorization: string | undefined, form: Form): string | undefined {
  const credential =
    authorization?.split('Credential=')[1] ?? form.parameters.get('X-Amz-Credential')
  return credential?.split('/', 4)[3]
}

function shown(word: string): string {
  return word.slice(0, 128)
}
