// What every call goes through, from the network or from a service. Read this file first.
//
//   input ─▶ validate ─▶ target ─▶ throttle ─▶ authorize ─┬▶ handle ────────────────┬▶ record ─▶ meter ─▶ answer
//               │          │           │           │      └▶ prepare ─▶ apply+record ┘      ▲
//               ▼          ▼           ▼           ▼             │ moved: again from target │
//            refused    not found   throttled    denied          └──────────────────────────┤
//               └──────────┴───────────┴───────────┴───────────────── every failure ────────┘
//
// `target` may answer *missing*: the call is authorized against what was asked for, and only an allowed
// caller hears that it does not exist. No answer leaves before its record is durable.
import type { Logger } from 'pino'
import type { Call } from '../contract/call.ts'
import type { Usage } from '../contract/demand.ts'
import {
  AccessDeniedException,
  AwsError,
  DryRunOperationException,
  SerializationException,
  ThrottlingException,
  ValidationException,
} from '../contract/errors.ts'
import {
  type AnyChanging,
  type AnyReading,
  type AnySpreading,
  type Awaitable,
  after,
  Missing,
  Moved,
} from '../contract/operation.ts'
import type { Ports } from '../contract/ports.ts'
import { randomUuid } from '../crypto/random.ts'
import { CommitOutcomeUnknownError, type Storage, type Transaction } from '../storage/storage.ts'
import type { Plan } from './plan.ts'
import { authorize } from './steps/authorize.ts'
import { areOwn, type NamedRecord, recordElsewhere, recordsOf } from './steps/copies.ts'
import { validate } from './steps/validate.ts'

/** What the caller gets: an output, or an error to tell. */
export type Answer =
  | { readonly output: object; readonly error: undefined }
  | { readonly output: undefined; readonly error: AwsError }

export type Invoke = (
  plan: Plan,
  /** The input as read from the wire, or the error of reading it. */
  input: Readonly<Record<string, unknown>> | AwsError,
  call: Call,
  /** Runs once, when the record is durable. */
  settle: (answer: Answer) => void,
) => void

/** A call on its way: what the record needs to know, filled in as it becomes known. */
type Progress = {
  input: object | undefined
  target: unknown
  /** What was drawn on the quotas, and is metered once the call succeeded. */
  usage: readonly Usage[]
  /** Set where the record was stored together with the change. */
  recorded: boolean
}

const MAX_RESTARTS = 10
const MAX_COMMITS = 5

/** Any operation may throw these; all others it declares. */
const COMMON_ERRORS: ReadonlySet<unknown> = new Set([
  AccessDeniedException,
  SerializationException,
  ThrottlingException,
  ValidationException,
])

export function createInvoke(ports: Ports, storage: Storage, log: Logger): Invoke {
  return (plan, input, call, settle) => {
    const progress: Progress = {
      input: undefined,
      target: undefined,
      usage: [],
      recorded: false,
    }
    let performed: Awaitable<object>
    try {
      performed = perform(plan, input, call, progress)
    } catch (error) {
      finish(plan, call, progress, failed(plan, call, error), settle)
      return
    }
    if (performed instanceof Promise) {
      performed
        .then(
          (output) => finish(plan, call, progress, { output, error: undefined }, settle),
          (error: unknown) => finish(plan, call, progress, failed(plan, call, error), settle),
        )
        // Not even a record could be made of it.
        .catch((error: unknown) => settle(failed(plan, call, error)))
    } else {
      finish(plan, call, progress, { output: performed, error: undefined }, settle)
    }
  }

  function perform(
    plan: Plan,
    input: Readonly<Record<string, unknown>> | AwsError,
    call: Call,
    progress: Progress,
  ): Awaitable<object> {
    if (input instanceof AwsError) throw input
    validate(plan, input)
    progress.input = input
    return 'handle' in plan.operation
      ? after(allowedTarget(plan, input, call, progress), (target) =>
          read(plan, plan.operation as AnyReading, input, target, call),
        )
      : change(plan, plan.operation, input, call, progress)
  }

  function allowedTarget(plan: Plan, input: object, call: Call, progress: Progress) {
    const { operation } = plan
    return after(operation.target(input, call), (target: unknown) => {
      progress.usage = operation.usage(target, input, call)
      ports.quotas.take(progress.usage, call.region, call.nowMs)
      const authorized = authorize(operation.demands(target, input, call), call)
      return authorized instanceof Promise
        ? authorized.then(() => admit(target, progress))
        : admit(target, progress)
    })
  }

  function read(plan: Plan, operation: AnyReading, input: object, target: unknown, call: Call) {
    const output: Awaitable<object> = operation.handle(input, target, call)
    if (!isDryRun(plan, input)) return output
    return after(output, () => {
      throw new DryRunOperationException()
    })
  }

  async function change(
    plan: Plan,
    operation: AnyChanging | AnySpreading,
    input: object,
    call: Call,
    progress: Progress,
  ): Promise<object> {
    for (let restarts = 0; ; restarts++) {
      const target = await allowedTarget(plan, input, call, progress)
      const prepared = await operation.prepare(input, target, call)
      if (isDryRun(plan, input)) throw new DryRunOperationException()
      const eventId = randomUuid()
      let records: readonly NamedRecord[] = []
      try {
        const output = await writeForCertain(eventId, async (tx) => {
          const made: object = await operation.apply(prepared, tx, call)
          const resources = operation.resources(target, made)
          const outcome = { input, output: made, error: undefined, resources }
          records = recordsOf(plan, call, eventId, outcome)
          if ('elsewhere' in operation) {
            const elsewhere = operation.elsewhere(prepared, made, input)
            records = [...records, recordElsewhere(plan, call, elsewhere)]
          }
          for (const record of records) await ports.trail.enlist(tx, record.eventId, record.text)
          return made
        })
        progress.recorded = true
        for (const record of records) ports.trail.committed(record.eventId, record.text)
        return output
      } catch (error) {
        if (!(error instanceof Moved) || restarts >= MAX_RESTARTS) throw error
      }
    }
  }

  /**
   * Commits, also where the database's answer to the commit was lost: whether the change is there is
   * then looked up by its record, which only that commit can have made.
   */
  async function writeForCertain(
    eventId: string,
    work: (tx: Transaction) => Promise<object>,
  ): Promise<object> {
    let made: object = {}
    const once = async (tx: Transaction) => {
      made = await work(tx)
    }
    try {
      await storage.write(once)
      return made
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError)) throw error
    }
    for (let tries = 1; ; tries++) {
      try {
        await storage.write(async (tx) => {
          if (!(await ports.trail.isEnlisted(tx, eventId))) await once(tx)
        })
        return made
      } catch (error) {
        if (!(error instanceof CommitOutcomeUnknownError) || tries >= MAX_COMMITS) throw error
      }
    }
  }

  function finish(
    plan: Plan,
    call: Call,
    progress: Progress,
    answer: Answer,
    settle: (answer: Answer) => void,
  ): void {
    if (progress.recorded) {
      settleMetered(call, progress, answer, settle)
      return
    }
    const { input, target } = progress
    const resources = target === undefined ? [] : plan.operation.resources(target, answer.output)
    const outcome = { input, output: answer.output, error: answer.error, resources }
    const eventId = randomUuid()
    let records: readonly NamedRecord[] = []
    const appended = (failure: Error | undefined) => {
      if (failure !== undefined) {
        // Closed, not open: what cannot be recorded is not answered.
        log.error({ requestId: call.id, failure: failure.message }, 'the trail cannot be written')
        settle({ output: undefined, error: new plan.service.internalFailure() })
        return
      }
      if (answer.error === undefined && 'used' in plan.operation) {
        plan.operation.used(target, call, (account) => idFor(account, records) ?? eventId)
      }
      settleMetered(call, progress, answer, settle)
    }
    if (areOwn(resources, call.account)) {
      ports.trail.append(plan.record(call, eventId, outcome), appended)
      return
    }
    records = recordsOf(plan, call, eventId, outcome)
    let waiting = records.length
    let failed: Error | undefined
    for (const { text } of records) {
      ports.trail.append(text, (failure) => {
        failed ??= failure
        waiting -= 1
        if (waiting === 0) appended(failed)
      })
    }
  }

  function settleMetered(
    call: Call,
    { usage }: Progress,
    answer: Answer,
    settle: (answer: Answer) => void,
  ): void {
    if (answer.error === undefined) ports.meter.count(usage, call.region, call.nowMs)
    settle(answer)
  }

  /** The error to tell. What is no AwsError, or was not declared, is a bug of ours. */
  function failed(plan: Plan, call: Call, error: unknown): Answer {
    if (error instanceof AwsError) {
      const kind = error.constructor as new () => AwsError
      if (
        !COMMON_ERRORS.has(kind) &&
        !plan.errors.has(kind) &&
        kind !== plan.service.internalFailure
      ) {
        log.error(
          { requestId: call.id, operation: plan.name, error: kind.name },
          'undeclared error',
        )
      }
      return { output: undefined, error }
    }
    log.error({ requestId: call.id, operation: plan.name, err: error }, 'a call failed inside')
    return { output: undefined, error: new plan.service.internalFailure() }
  }
}

/** Whoever is allowed to ask hears that there is nothing, or goes on with what there is. */
function admit(target: unknown, progress: Progress): unknown {
  if (target instanceof Missing) throw target.error
  progress.target = target
  return target
}

function idFor(account: string, records: readonly NamedRecord[]): string | undefined {
  return records.find(({ recipient }) => recipient === account)?.eventId
}

function isDryRun(plan: Plan, input: object): boolean {
  return plan.canDryRun && (input as { DryRun?: boolean }).DryRun === true
}
