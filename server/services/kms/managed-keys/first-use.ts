// A key that AWS manages is made when its service uses it for the first time, once, whoever races.
import type { Call } from '../../../contract/call.ts'
import { aliasArn } from '../aliases/alias.ts'
import { AlreadyExistsException } from '../errors.ts'
import type { KmsStores } from '../operation.ts'
import { CreateManagedKey, isUseByService, MANAGED_PREFIX } from './CreateManagedKey.ts'

/** What this process is making, by the alias; the stores are those of one account and Region. */
const making = new WeakMap<KmsStores, Map<string, Promise<void>>>()

/** Whether the alias, which is not there, is one whose key this call brings about. */
export function isFirstUse(alias: string, call: Call): boolean {
  return alias.startsWith(MANAGED_PREFIX) && isUseByService(alias, call)
}

/** Makes the key with its alias, unless somebody does or just did. */
export function makeManagedKey(alias: string, call: Call<KmsStores>): Promise<void> {
  const ofScope = making.get(call.stores) ?? new Map<string, Promise<void>>()
  making.set(call.stores, ofScope)
  const underWay = ofScope.get(alias)
  if (underWay !== undefined) return underWay
  const made = make(alias, call).finally(() => ofScope.delete(alias))
  ofScope.set(alias, made)
  return made
}

async function make(alias: string, call: Call<KmsStores>): Promise<void> {
  const { account } = call
  const source = { arn: aliasArn(call, alias), account }
  try {
    const input = { AliasName: alias, Account: account }
    await call.invoke(CreateManagedKey, input, { as: 'service', source })
  } catch (error) {
    if (!(error instanceof AlreadyExistsException)) throw error
  }
}
