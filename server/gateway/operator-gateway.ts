// The operator socket: AWS JSON over HTTP on a Unix socket that only its owner may open (mode 0600).
// The file mode takes the place of a signature; everything after it is the pipeline, as for any caller.
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { type Call, invokesNothing } from '../contract/call.ts'
import type { Caller } from '../contract/caller.ts'
import { AwsError } from '../contract/errors.ts'
import type { Invoke } from '../pipeline/invoke.ts'
import type { Plan } from '../pipeline/plan.ts'
import { createBodyBudget } from './body-budget.ts'
import {
  RequestEntityTooLargeException,
  ServiceUnavailableException,
  UnknownOperationException,
} from './errors.ts'
import { type BodyHandler, Exchange } from './exchange.ts'
import { createRouter, type Route } from './router.ts'
import { peerAddress } from './source-address.ts'
import { jsonError } from './wire/aws-json.ts'
import { readInput } from './wire/codec.ts'

export type OperatorGatewayParts = {
  readonly socketFile: string
  readonly plans: readonly Plan[]
  readonly caller: Caller
  readonly region: string
  readonly log: Logger
  /** An answer that takes no record, as of a sealed server; nothing where the call goes on. */
  readonly early: (
    operation: string,
    input: Readonly<Record<string, unknown>> | AwsError,
  ) => Promise<object | undefined>
  /** What a call needs; opened with the first one. */
  readonly open: () => Promise<{ readonly invoke: Invoke; readonly stores: unknown }>
}

const MAX_BODY_BYTES = 64 * 1024
const DEADLINE_MS = 60_000

/** Listens on the socket; what it returns stops that. */
export async function openOperatorGateway(
  parts: OperatorGatewayParts,
): Promise<() => Promise<void>> {
  const router = createRouter(parts.plans)

  const bodies: BodyHandler = {
    budget: createBodyBudget(),
    done(exchange) {
      exchange.release()
      const { headers, method } = exchange.request
      const route = router.byTarget(String(headers['x-amz-target']))
      if (route === undefined || method !== 'POST')
        refuse(exchange, new UnknownOperationException())
      else perform(exchange, route).catch((error: unknown) => fail(exchange, error))
    },
    refuse: (exchange) => refuse(exchange, new RequestEntityTooLargeException(MAX_BODY_BYTES)),
  }

  function receive(request: IncomingMessage, response: ServerResponse): void {
    new Exchange(request, response).collect(MAX_BODY_BYTES, bodies)
  }

  function refuse(exchange: Exchange, error: AwsError): void {
    exchange.replyAndClose(jsonError(error))
  }

  async function perform(exchange: Exchange, { plan, codec }: Route): Promise<void> {
    const input = readInput(codec, exchange.body)
    // It may have held a passphrase or a share.
    exchange.body.fill(0)
    const early = await parts.early(plan.name, input)
    if (early !== undefined) {
      exchange.reply(codec.output(early, exchange.id))
      return
    }
    const { invoke, stores } = await parts.open()
    const nowMs = Date.now()
    const call: Call = {
      id: exchange.id,
      account: parts.caller.account,
      region: parts.region,
      caller: parts.caller,
      origin: { ...exchange.origin(peerAddress), ipAddress: 'operator.sock' },
      service: plan.service.eventSource,
      via: [],
      nowMs,
      deadlineMs: nowMs + DEADLINE_MS,
      stores,
      invoke: invokesNothing,
    }
    invoke(plan, input, call, ({ output, error }) => {
      exchange.reply(
        error === undefined ? codec.output(output, exchange.id) : codec.error(error, exchange.id),
      )
    })
  }

  function fail(exchange: Exchange, problem: unknown): void {
    const isTold = problem instanceof AwsError
    if (!isTold)
      parts.log.error({ requestId: exchange.id, err: problem }, 'an operator call failed')
    exchange.reply(jsonError(isTold ? problem : new ServiceUnavailableException()))
  }

  // Left by a server that was killed: the lock on the directory says that nobody listens on it.
  rmSync(parts.socketFile, { force: true })
  const server = createServer(receive)
  // Nobody else may open it even for the moment before its mode is set.
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(parts.socketFile, resolve)
    })
  } finally {
    process.umask(mask)
  }
  chmodSync(parts.socketFile, 0o600)
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}
