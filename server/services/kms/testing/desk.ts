// KMS behind the pipeline, without a network: calls by any principal, users and roles included, whoever
// may have signed them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Call } from '../../../contract/call.ts'
import type { Caller } from '../../../contract/caller.ts'
import type {
  AnyOperation,
  ChangingOperation,
  ReadingOperation,
} from '../../../contract/operation.ts'
import type { Identities, Ports } from '../../../contract/ports.ts'
import { randomUuid } from '../../../crypto/random.ts'
import { createInvoke } from '../../../pipeline/invoke.ts'
import { createInvokeOther } from '../../../pipeline/invoke-other.ts'
import { permissiveQuotas, silentMeter } from '../../../pipeline/permissive.ts'
import { type Plan, plan } from '../../../pipeline/plan.ts'
import type { CallerPolicies } from '../../../policy/authorization-request.ts'
import { NO_POLICIES } from '../../../policy/authorization-request.ts'
import { compilePolicyText } from '../../../policy/compiled-policy.ts'
import { contextOf } from '../../../policy/context.ts'
import { type AccountPrincipal, principalKeys } from '../../../policy/principal.ts'
import type { Checked } from '../../../schema/limits.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { migrate, openStorage, type Storage } from '../../../storage/storage.ts'
import type { KmsStores } from '../operation.ts'
import { kms } from '../service.ts'
import { newRootKey } from './stores.ts'

export type Desk = {
  /** The principals that exist besides accounts, by ARN; change it to delete them or make them anew. */
  readonly principals: Map<string, string>
  readonly records: Record<string, unknown>[]
  call<Input, Output>(
    operation: Operation<Input, Output>,
    caller: Caller,
    input: Input,
    /** The services that passed the request on. */
    via?: readonly string[],
  ): Promise<Output>
}

/** One that takes and gives this, whatever its target is. */
type Operation<Input, Output> =
  // biome-ignore lint/suspicious/noExplicitAny: as `AnyOperation` in contract/operation.ts.
  | ReadingOperation<Input, Output, any, KmsStores>
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  | ChangingOperation<Input, Output, any, KmsStores, any>

const REGION = 'us-east-1'

/** A desk over a database of its own; `close` removes it. */
export async function newDesk(): Promise<Desk & { close(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-desk-'))
  const storage = await openStorage({ sqliteFile: join(directory, 'keyhold.db') })
  await migrate(storage, kms.migrations)
  return {
    ...(await openDesk(storage, newRootKey())),
    async close() {
      await storage.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The id of a session whose role exists. */
function sessionIdOf(arn: string, principals: ReadonlyMap<string, string>): string | undefined {
  const [, account, name, session] = /^arn:aws:sts::(\d+):assumed-role\/(.+)\/(.+)$/.exec(arn) ?? []
  const role = [...principals].find(
    ([own]) => own.startsWith(`arn:aws:iam::${account}:role/`) && own.endsWith(`/${name}`),
  )
  return role && `${role[1]}:${session}`
}

/** Opens KMS over this storage, as one process of a server does. Every account exists. */
export async function openDesk(storage: Storage, rootKey: RootKey): Promise<Desk> {
  const principals = new Map<string, string>()
  const records: Record<string, unknown>[] = []
  const identities = {
    findPrincipalId: (arn: string) =>
      /^arn:aws:iam::(\d{12}):root$/.exec(arn)?.[1] ??
      principals.get(arn) ??
      sessionIdOf(arn, principals),
    findPrincipalArn(id: string) {
      const [ownId, session] = id.split(':')
      const arn = [...principals].find(([, own]) => own === ownId)?.[0]
      if (arn === undefined || session === undefined) return arn
      return (
        arn.replace(/^arn:aws:iam:(.*):role\/(?:.*\/)?/, 'arn:aws:sts:$1:assumed-role/') +
        `/${session}`
      )
    },
  } as Identities
  const log = pino({ level: 'silent' })
  const stores = await kms.open({
    storage,
    rootKey,
    identities,
    regions: [REGION, 'eu-west-1'],
    oidcAuthorities: () => [],
    nitroRoots: [],
    log,
    beforeEnd() {},
  })
  const ports: Ports = {
    identities,
    quotas: permissiveQuotas,
    meter: silentMeter,
    trail: {
      append(record, settle) {
        records.push(JSON.parse(record))
        settle(undefined)
      },
      enlist: () => Promise.resolve(),
      isEnlisted: () => Promise.resolve(false),
      committed: (_id, record) => records.push(JSON.parse(record)),
    },
  }
  const invoke = createInvoke(ports, storage, log)
  const plans = [...Object.values(kms.operations), ...kms.innerOperations].map((operation) =>
    plan(kms, operation),
  )
  const planOf = new Map<AnyOperation, Plan>(plans.map((one) => [one.operation, one]))
  const invokeOther = createInvokeOther({
    plans,
    invoke,
    storesOf: (_plan, scope) => stores(scope),
    requireCurrent: storage.changes.requireCurrent,
  })
  return {
    principals,
    records,
    call<Input, Output>(
      operation: Operation<Input, Output>,
      caller: Caller,
      input: Input,
      via: readonly string[] = [],
    ) {
      storage.changes.requireCurrent()
      const planned = planOf.get(operation) ?? plan(kms, operation)
      const nowMs = Date.now()
      const scope = { account: caller.account, region: REGION }
      const call: Call = {
        ...scope,
        id: randomUuid(),
        caller,
        origin: { ipAddress: '192.0.2.1', userAgent: 'test', host: 'kms', tls: undefined },
        service: kms.eventSource,
        via,
        nowMs,
        deadlineMs: nowMs + 60_000,
        stores: stores(scope),
        invoke: invokeOther,
      }
      return new Promise<Output>((resolve, reject) => {
        invoke(planned, input as Checked<Record<string, unknown>>, call, ({ output, error }) =>
          error === undefined ? resolve(output as Output) : reject(error),
        )
      })
    },
  }
}

type Bound = { readonly boundary?: object; readonly session?: readonly object[] }

/** Who calls as this principal, with these identity policies. */
export function callerOf(
  principal: AccountPrincipal,
  identity: readonly object[] = [],
  { boundary, session }: Bound = {},
): Caller {
  const compile = (document: object, kind: 'identity' | 'boundary' | 'session') =>
    compilePolicyText(JSON.stringify(document), kind, kind)
  const policies: CallerPolicies = {
    ...NO_POLICIES,
    identity: identity.map((document) => compile(document, 'identity')),
    boundary: boundary && compile(boundary, 'boundary'),
    session: session?.map((document) => compile(document, 'session')),
  }
  return {
    type: TYPES[principal.kind],
    account: principal.account,
    arn: principal.arn,
    principalId: idOf(principal),
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    userName: undefined,
    session: undefined,
    principal,
    policies,
    context: contextOf(principalKeys(principal)),
  }
}

const TYPES = {
  'root-user': 'Root',
  user: 'IAMUser',
  'role-session': 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const

function idOf(principal: AccountPrincipal): string {
  switch (principal.kind) {
    case 'root-user':
      return principal.account
    case 'user':
      return principal.id
    case 'role-session':
      return `${principal.roleId}:${principal.sessionName}`
    case 'federated-user':
      return `${principal.account}:${principal.name}`
  }
}
