// Bytes and signatures: one HTTP request in, one response out.
//
//   request ─▶ which operation? ─▶ body ─▶ (end of turn) who calls? ─▶ read input ─▶ invoke ─▶ response
//
// Who calls is who signed; an operation that needs no signature says itself who it is.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Call, InvokeOther, Scope } from '../contract/call.ts'
import { type Caller, INTERNAL_ACCOUNT } from '../contract/caller.ts'
import { AwsError } from '../contract/errors.ts'
import { type AnyUnsigned, type Awaitable, after } from '../contract/operation.ts'
import type { Identities } from '../contract/ports.ts'
import type { Answer, Invoke } from '../pipeline/invoke.ts'
import type { Plan } from '../pipeline/plan.ts'
import { validate } from '../pipeline/steps/validate.ts'
import type { BodyBudget } from './body-budget.ts'
import {
  RequestEntityTooLargeException,
  ServiceUnavailableException,
  UnknownOperationException,
} from './errors.ts'
import { type BodyHandler, Exchange } from './exchange.ts'
import type { Metrics } from './metrics.ts'
import { createRouter, type Route } from './router.ts'
import { createVerifier } from './sigv4/verify.ts'
import type { SourceAddress } from './source-address.ts'
import { createTurn } from './turn.ts'
import { isAwsJson } from './wire/aws-json.ts'
import { readInput } from './wire/codec.ts'

export type GatewayParts = {
  readonly plans: readonly Plan[]
  readonly identities: Identities
  readonly invoke: Invoke
  /** What calls invoke operations of other services with. */
  readonly invokeOther: InvokeOther
  /** The stores of a service, opened for a scope. */
  readonly storesOf: (plan: Plan, scope: Scope) => unknown
  readonly regions: ReadonlySet<string>
  /** Throws where this process cannot know that it is current. */
  readonly requireCurrent: () => void
  readonly metrics: Metrics
  /** Room for the bodies of those who are not known yet. */
  readonly budget: BodyBudget
  readonly sourceAddress: SourceAddress
  /** Answers requests that are no service's, such as `GET /health`; false where it is none of them. */
  readonly other: (request: IncomingMessage, response: ServerResponse) => boolean
  readonly log: Logger
}

const DEADLINE_MS = 10_000
const NO_SERVICES: readonly string[] = []

/** Who calls, and in which Region. */
type Known = { readonly caller: Caller; readonly region: string }

/** Takes a request to its answer. */
export type Receive = (request: IncomingMessage, response: ServerResponse) => void

export function createGateway(parts: GatewayParts): Receive {
  const { plans, regions, metrics, log } = parts
  const router = createRouter(plans)
  const verify = createVerifier(parts.identities, regions)
  const [homeRegion = ''] = regions
  const maxBodyBytes = Math.max(...plans.map(({ service }) => service.maxBodyBytes))
  const counters = new Map(
    plans.map((plan) => [plan, metrics.operation(plan.service.name, plan.name)]),
  )

  const add = createTurn<Known>({
    begin: parts.requireCurrent,
    authenticate,
    perform,
    refuse,
  })

  const bodies: BodyHandler = {
    budget: parts.budget,
    done: add,
    refuse(exchange, why, maxBytes) {
      const error =
        why === 'no room'
          ? new ServiceUnavailableException()
          : new RequestEntityTooLargeException(maxBytes)
      metrics.refused(error.constructor.name)
      exchange.replyAndClose(errorWriter(exchange)(error, exchange.id))
    },
  }

  function receive(request: IncomingMessage, response: ServerResponse): void {
    if (parts.other(request, response)) return
    const exchange = new Exchange(request, response)
    const target = request.headers['x-amz-target']
    if (typeof target === 'string') {
      exchange.route = router.byTarget(target)
      if (
        exchange.route === undefined ||
        request.method !== 'POST' ||
        !isAwsJson(request.headers['content-type'])
      ) {
        exchange.route = undefined
        refuse(exchange, new UnknownOperationException())
        return
      }
    }
    const maxBytes = exchange.route?.plan.service.maxBodyBytes ?? maxBodyBytes
    exchange.collect(maxBytes, bodies)
  }

  function authenticate(exchange: Exchange): Known | undefined {
    const { request, body } = exchange
    exchange.route ??= router.byForm({
      method: request.method ?? '',
      url: request.url ?? '',
      contentType: request.headers['content-type'],
      authorization: request.headers.authorization,
      body,
    })
    const { operation } = exchange.route.plan
    const known =
      'identify' in operation
        ? identify(exchange, exchange.route, operation)
        : whoSigned(exchange, exchange.route)
    if (!(known instanceof Promise)) return known
    known
      .then((later) => perform(exchange, later))
      .catch((error: unknown) => refuse(exchange, error))
    return undefined
  }

  function whoSigned({ request, body }: Exchange, { plan: { service } }: Route): Awaitable<Known> {
    const signed = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body,
    }
    return after(verify(signed, service, Date.now()), ({ credential, authorization }) => ({
      caller: credential.caller,
      region: service.globalRegion ?? authorization.region,
    }))
  }

  /** Nobody says for which Region such a request is: it is for the first one. */
  async function identify(
    exchange: Exchange,
    { plan, codec }: Route,
    operation: AnyUnsigned,
  ): Promise<Known> {
    const region = plan.service.globalRegion ?? homeRegion
    const input = readInput(codec, exchange.body)
    if (input instanceof AwsError) throw input
    validate(plan, input)
    const caller = await operation.identify({
      input,
      nowMs: Date.now(),
      origin: exchange.origin(parts.sourceAddress),
      stores: parts.storesOf(plan, { account: INTERNAL_ACCOUNT, region }),
    })
    return { caller, region }
  }

  function perform(exchange: Exchange, { caller, region }: Known): void {
    exchange.release()
    const route = exchange.route as Route
    const { plan, codec } = route
    const nowMs = Date.now()
    const scope = { account: caller.account, region }
    const call: Call = {
      id: exchange.id,
      account: scope.account,
      region: scope.region,
      caller,
      origin: exchange.origin(parts.sourceAddress),
      service: plan.service.eventSource,
      via: NO_SERVICES,
      nowMs,
      deadlineMs: nowMs + DEADLINE_MS,
      stores: parts.storesOf(plan, scope),
      invoke: parts.invokeOther,
    }
    parts.invoke(plan, readInput(codec, exchange.body), call, (answer: Answer) => {
      const { output, error } = answer
      const seconds = (performance.now() - exchange.startedAtMs) / 1000
      counters.get(plan)?.(error?.constructor.name, seconds)
      try {
        exchange.reply(
          error === undefined ? codec.output(output, exchange.id) : codec.error(error, exchange.id),
        )
      } catch (problem) {
        refuse(exchange, problem)
      }
    })
  }

  function refuse(exchange: Exchange, problem: unknown): void {
    exchange.release()
    let error: AwsError
    if (problem instanceof AwsError) {
      error = problem
    } else {
      log.error({ requestId: exchange.id, err: problem }, 'a request was refused: inner failure')
      error = new ServiceUnavailableException()
    }
    if (exchange.response.headersSent) return
    metrics.refused(error.constructor.name)
    const reply = errorWriter(exchange)(error, exchange.id)
    if (exchange.request.complete) exchange.reply(reply)
    else exchange.replyAndClose(reply)
  }

  function errorWriter(exchange: Exchange) {
    const { url = '', headers } = exchange.request
    return (
      exchange.route?.codec.error ??
      router.errorWriter({ url, contentType: headers['content-type'] })
    )
  }

  return receive
}
