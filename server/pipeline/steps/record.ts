// Step 6: the call as an audit record, in CloudTrail's form.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
// Built by concatenation over parts prepared once, because every call passes here.
import type { Call, Origin } from '../../contract/call.ts'
import type { Caller, Session } from '../../contract/caller.ts'
import type { Resource } from '../../contract/demand.ts'
import type { AwsError } from '../../contract/errors.ts'
import type { AnyOperation, TellsMore } from '../../contract/operation.ts'
import type { Service } from '../../contract/service.ts'
import type { FederatedIdentity } from '../../policy/principal.ts'
import { lowerFirst } from '../../schema/limits.ts'
import type { Shape, StructureShape } from '../../schema/shape.ts'

/** What became of a call. */
export type RecordedOutcome = {
  readonly input: object | undefined
  readonly output: object | undefined
  readonly error: AwsError | undefined
  readonly resources: readonly Resource[]
}

/** A call of which several accounts get a record: this one is the recipient's. */
export type SharedEvent = { readonly id: string; readonly recipient: string }

/** Writes the record of one operation's calls: one line of JSON. */
export type RecordTemplate = (
  call: Call,
  eventId: string,
  outcome: RecordedOutcome,
  shared?: SharedEvent,
) => string

const MAX_ERROR_CHARACTERS = 1024
const MAX_USER_AGENT_CHARACTERS = 1024

export function recordTemplate(
  service: Pick<Service, 'eventSource'>,
  // biome-ignore lint/suspicious/noExplicitAny: lists of operations hold every combination of types.
  operation: Pick<AnyOperation, 'schema' | 'audit'> & Partial<TellsMore<any>>,
): RecordTemplate {
  const { schema, audit, additionalEventData } = operation
  const parameters = shownMembers(schema.input, audit.show)
  const { showOutput } = audit
  const elements =
    typeof showOutput === 'function'
      ? shownInstead(showOutput)
      : shownMembers(schema.output, showOutput)
  const source = `,"eventSource":"${service.eventSource}","eventName":"${schema.name}"`
  const kind = `,"readOnly":${audit.readOnly},"eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management"`

  return (call, eventId, { input, output, error, resources: used }, shared) => {
    const recipient = shared?.recipient ?? call.account
    const isCallers = recipient === call.account
    // What belongs to a third account is no business of this one.
    const resources = isCallers ? used : used.filter(({ account }) => account === recipient)
    // A service that passes a request on stands where its caller's address and agent would.
    const service = call.via.length === 0 ? undefined : call.via.at(-1)
    const ownIdentity = isCallers ? identityJson(call.caller) : strangerJson(call.caller)
    const identity = service === undefined ? ownIdentity : invokedBy(ownIdentity, service)
    const sharedId = shared === undefined ? '' : `,"sharedEventID":"${shared.id}"`
    const more = input === undefined ? undefined : additionalEventData?.(input)
    const additional = more === undefined ? '' : `,"additionalEventData":${json(more)}`
    const failure =
      error === undefined
        ? ''
        : `,"errorCode":"${error.recordedCode}","errorMessage":${json(error.message.slice(0, MAX_ERROR_CHARACTERS))}`
    const named =
      resources.length === 0 ? '' : `,"resources":[${resources.map(resourceJson).join(',')}]`
    return (
      `{"eventVersion":"1.11","userIdentity":${identity},"eventTime":"${second(call.nowMs)}"${source}` +
      `,"awsRegion":"${call.region}","sourceIPAddress":"${service ?? call.origin.ipAddress}","userAgent":${service === undefined ? userAgentJson(call.origin) : json(service)}${failure}` +
      `,"requestParameters":${parameters(input)},"responseElements":${elements(output, resources)}${additional}` +
      `,"requestID":"${call.id}","eventID":"${eventId}"${kind}${named}` +
      `,"recipientAccountId":"${recipient}"${sharedId}${service === undefined ? tlsJson(call.origin) : ''}}`
    )
  }
}

/** A writer of exactly the members in `show`; a sensitive one among them, at any depth, is refused. */
function shownMembers(
  shape: StructureShape,
  show: readonly string[],
): (value: object | undefined) => string {
  const members = [...groupedPaths(show)].map(([name, within]) => {
    const member = shape.members.find((candidate) => candidate.name === name)
    if (member === undefined) throw new Error(`${shape.name} has no member ${name} to record`)
    const inner = member.shape()
    const part = within.length > 0 && inner.kind === 'structure' ? inner : undefined
    if (within.length > 0 && part === undefined) {
      throw new Error(`${shape.name}.${name} has no members to record`)
    }
    if (member.sensitive || (part === undefined && holdsSecret(inner, new Set()))) {
      throw new Error(`${shape.name}.${name} is sensitive and cannot be recorded`)
    }
    const write = part === undefined ? writerOf(inner) : shownMembers(part, within)
    return { name, prefix: `"${lowerFirst(name)}":`, write }
  })
  return (value: object | undefined): string => {
    if (value === undefined || members.length === 0) return 'null'
    let text = ''
    for (const { name, prefix, write } of members) {
      const given = (value as Record<string, unknown>)[name]
      if (given === undefined) continue
      text += (text === '' ? '{' : ',') + prefix + write(given as object)
    }
    return text === '' ? 'null' : `${text}}`
  }
}

/** The members that paths begin with, each with what comes behind the point. */
function groupedPaths(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const point = path.indexOf('.')
    const name = point === -1 ? path : path.slice(0, point)
    const within = groups.get(name) ?? []
    groups.set(name, point === -1 ? within : [...within, path.slice(point + 1)])
  }
  return groups
}

/** What stands in the record of an operation that answers nothing, once it succeeded. */
function shownInstead(show: (resources: readonly Resource[]) => object) {
  return (output: object | undefined, resources: readonly Resource[]): string =>
    output === undefined ? 'null' : json(show(resources))
}

function holdsSecret(shape: Shape, seen: Set<object>): boolean {
  if (shape.sensitive) return true
  if (seen.has(shape)) return false
  seen.add(shape)
  if (shape.kind === 'list') return holdsSecret(shape.member, seen)
  if (shape.kind === 'map') return holdsSecret(shape.value, seen)
  if (shape.kind !== 'structure') return false
  return shape.members.some((member) => member.sensitive || holdsSecret(member.shape(), seen))
}

/** Structures show their members in lower case; the keys of a map are the caller's own. */
function writerOf(shape: Shape): (value: unknown) => string {
  return hasNames(shape) ? (value) => json(lowerCased(value, shape)) : json
}

/** Structures, and the objects in lists of our own operations, which are maps to the schema. */
function hasNames(shape: Shape): boolean {
  if (shape.kind === 'list') return shape.member.kind === 'map' || hasNames(shape.member)
  return shape.kind === 'structure'
}

function lowerCased(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value) && shape.kind === 'list') {
    const { member } = shape
    return value.map((entry) =>
      member.kind === 'map' ? withNames(entry, () => member.value) : lowerCased(entry, member),
    )
  }
  if (shape.kind !== 'structure') return value
  return withNames(value, (name) => shape.members.find((one) => one.name === name)?.shape())
}

function withNames(value: unknown, shapeOf: (name: string) => Shape | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const shape = shapeOf(name)
      return [lowerFirst(name), shape === undefined ? entry : lowerCased(entry, shape)]
    }),
  )
}

const identities = new WeakMap<Caller, string>()

function identityJson(caller: Caller): string {
  const known = identities.get(caller)
  if (known !== undefined) return known
  if (caller.type === 'AWSService') return serviceJson(caller)
  const text = json(
    caller.principal.kind === 'federated-identity'
      ? federatedIdentity(caller, caller.principal)
      : {
          type: caller.type,
          principalId: caller.principalId,
          arn: caller.arn,
          accountId: caller.account,
          accessKeyId: caller.accessKeyId,
          userName: caller.userName,
          sessionContext: caller.session && sessionContext(caller.session),
        },
  )
  identities.set(caller, text)
  return text
}

/** The caller as another account hears of them: without names and access keys. */
function strangerJson(caller: Caller): string {
  if (caller.type === 'AWSService') return serviceJson(caller)
  return json({ type: 'AWSAccount', principalId: caller.principalId, accountId: caller.account })
}

/** A service that acts as itself is the same to every account. */
function serviceJson({ type, arn }: Caller): string {
  return json({ type, invokedBy: arn })
}

function invokedBy(identity: string, service: string): string {
  return `${identity.slice(0, -1)},"invokedBy":${json(service)}}`
}

/** Whom an identity provider vouches for: neither ARN nor access key, and no account of its own. */
function federatedIdentity(
  { type, principalId, userName }: Caller,
  { provider }: FederatedIdentity,
) {
  return { type, principalId, userName, identityProvider: provider }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function sessionContext({ issuer, createdAtMs, mfaAuthenticated, sourceIdentity }: Session) {
  return {
    sessionIssuer: issuer && {
      type: issuer.type,
      principalId: issuer.principalId,
      arn: issuer.arn,
      accountId: issuer.account,
      userName: issuer.userName,
    },
    attributes: {
      creationDate: second(createdAtMs),
      mfaAuthenticated: String(mfaAuthenticated),
    },
    sourceIdentity,
  }
}

function resourceJson(resource: Resource): string {
  return `{"accountId":"${resource.account}","type":"${resource.type}","ARN":"${resource.arn}"}`
}

// The last user agent seen: under load it is mostly the same.
let lastAgent = ''
let lastAgentJson = '""'

function userAgentJson({ userAgent }: Origin): string {
  if (userAgent !== lastAgent) {
    lastAgent = userAgent
    lastAgentJson = json(userAgent.slice(0, MAX_USER_AGENT_CHARACTERS))
  }
  return lastAgentJson
}

function tlsJson({ tls, host }: Origin): string {
  if (tls === undefined) return ''
  return `,"tlsDetails":${json({ tlsVersion: tls.version, cipherSuite: tls.cipherSuite, clientProvidedHostHeader: host })}`
}

let lastSecondMs = -1
let lastSecond = ''

function second(nowMs: number): string {
  const startMs = nowMs - (nowMs % 1000)
  if (startMs !== lastSecondMs) {
    lastSecondMs = startMs
    lastSecond = `${new Date(startMs).toISOString().slice(0, 19)}Z`
  }
  return lastSecond
}

function json(value: unknown): string {
  return JSON.stringify(value)
}
