// A call that used a resource of another account is told to that account as well: a copy of the record,
// with an id of its own, and one sharedEventID in all of them.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/shared-event-ID.html
import type { Call } from '../../contract/call.ts'
import type { Resource } from '../../contract/demand.ts'
import type { Elsewhere } from '../../contract/operation.ts'
import { randomUuid } from '../../crypto/random.ts'
import type { Plan } from '../plan.ts'
import { type RecordedOutcome, recordTemplate } from './record.ts'

/** One line of the trail. */
export type NamedRecord = {
  readonly eventId: string
  /** The account that gets it. */
  readonly recipient: string
  readonly text: string
}

/** Whether all resources are the account's own, as they nearly always are. */
export function areOwn(resources: readonly Resource[], account: string): boolean {
  for (const resource of resources) if (resource.account !== account) return false
  return true
}

/** The call's own record, under this id, and the copies for the other owners of what it used. */
export function recordsOf(
  plan: Plan,
  call: Call,
  eventId: string,
  outcome: RecordedOutcome,
): readonly NamedRecord[] {
  if (areOwn(outcome.resources, call.account)) {
    return [{ eventId, recipient: call.account, text: plan.record(call, eventId, outcome) }]
  }
  const id = randomUuid()
  const recipients = new Set([call.account, ...outcome.resources.map(({ account }) => account)])
  return [...recipients].map((recipient, index) => {
    const ownId = index === 0 ? eventId : randomUuid()
    return { eventId: ownId, recipient, text: plan.record(call, ownId, outcome, { id, recipient }) }
  })
}

/** The record of what a call did in another Region: an event of its own of the same request. */
export function recordElsewhere(plan: Plan, call: Call, done: Elsewhere): NamedRecord {
  const { region, operation, input, output, resources } = done
  const eventId = randomUuid()
  const record = recordTemplate(plan.service, operation)
  const outcome = { input, output, error: undefined, resources }
  const text = record({ ...call, region }, eventId, outcome)
  return { eventId, text, recipient: call.account }
}
