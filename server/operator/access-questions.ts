// Who may do what, for the administrators of this installation: finds principals and keys, and asks.
import { setImmediate as turn } from 'node:timers/promises'
import type { Call, Scope } from '../contract/call.ts'
import type { Caller } from '../contract/caller.ts'
import { Missing } from '../contract/operation.ts'
import type { Identities } from '../contract/ports.ts'
import { type Explanation, explain } from '../policy/authorize.ts'
import { identityQuestion, keyQuestion, type Supposed } from '../services/kms/access/question.ts'
import { type Row, rowOf } from '../services/kms/access/report.ts'
import type { Key } from '../services/kms/keys/key.ts'
import { findKey } from '../services/kms/keys/key-target.ts'
import type { KmsStores } from '../services/kms/operation.ts'
import { NoSuchKeyException, NoSuchPrincipalException } from './errors.ts'

export type Asked = {
  /** The ARN of a user, a role or an account's root user. */
  readonly principal: string
  readonly action: string
  /** The ARN of a key or an alias, of something else, or `*`. */
  readonly resource: string
  readonly supposed: Supposed
}

export type AccessQuestions = {
  /** Why the principal may, or may not, do the action. */
  explain(asked: Asked, nowMs: number): Promise<Explanation & { readonly caller: Caller }>
  /** What every principal of the installation may do with the key. */
  report(keyArn: string, nowMs: number): AsyncIterable<Row>
}

export type AccessParts = {
  readonly identities: Identities
  /** The stores of KMS for a scope. */
  readonly kmsStores: (scope: Scope) => KmsStores
  readonly listAccounts: () => Promise<readonly string[]>
  /** Where actions happen that act on no key. */
  readonly region: string
}

const NOBODY = { principal: { kind: 'anonymous' } }
const NO_SERVICES: readonly string[] = []
const KEY_ARN = /^arn:aws:kms:([a-z0-9-]{1,32}):([0-9]{12}):(?:key|alias)\/./

export function accessQuestions(parts: AccessParts): AccessQuestions {
  const { identities, kmsStores, listAccounts, region } = parts

  async function requireCaller(arn: string, nowMs: number): Promise<Caller> {
    const caller = await identities.findCaller(arn, nowMs)
    if (caller === undefined) throw new NoSuchPrincipalException(arn)
    return caller
  }

  async function requireKey(arn: string): Promise<{ key: Key; stores: KmsStores }> {
    const [, keyRegion, account] = KEY_ARN.exec(arn) ?? []
    if (keyRegion === undefined || account === undefined) throw new NoSuchKeyException(arn)
    const scope = { region: keyRegion, account }
    const stores = kmsStores(scope)
    // Asking is no use: it brings about no key that AWS manages.
    const call = { ...scope, stores, caller: NOBODY, via: NO_SERVICES }
    const key = await findKey(arn, call as unknown as Call<KmsStores>, 'description')
    if (key instanceof Missing) throw new NoSuchKeyException(arn)
    return { key, stores }
  }

  return {
    async explain({ principal, action, resource, supposed }, nowMs) {
      const caller = await requireCaller(principal, nowMs)
      if (!KEY_ARN.test(resource)) {
        const asked = identityQuestion(caller, action, resource, region, supposed, nowMs)
        return { ...explain(asked), caller }
      }
      const { key } = await requireKey(resource)
      const stores = kmsStores({ region: key.region, account: caller.account })
      return { ...explain(await keyQuestion(caller, action, key, stores, supposed, nowMs)), caller }
    },
    async *report(keyArn, nowMs) {
      const { key } = await requireKey(keyArn)
      for (const account of await listAccounts()) {
        const principals = await identities.listPrincipals(account)
        const stores = kmsStores({ region: key.region, account })
        for (const principal of [`arn:aws:iam::${account}:root`, ...principals]) {
          const caller = await identities.findCaller(principal, nowMs)
          // Gone since the list was made.
          if (caller === undefined) continue
          yield await rowOf(principal, (action) =>
            keyQuestion(caller, action, key, stores, [], nowMs),
          )
          // Many decisions: others get their turn.
          await turn()
        }
      }
    },
  }
}
