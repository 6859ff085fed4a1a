// Processes that know who signs, over one database of this dialect, and what tests ask of a caller.
import { expect } from 'vitest'
import type { Caller } from '../../../contract/caller.ts'
import { authorize } from '../../../policy/authorize.ts'
import { migrate, type Storage } from '../../../storage/storage.ts'
import type { TestDialect } from '../../../storage/testing/dialects.ts'
import { newAccessKey } from '../access-key-directory.ts'
import type { Entity } from '../entities/entity.ts'
import { openIdentities } from '../identities.ts'
import { iam } from '../service.ts'
import { ACCOUNT, insertAccounts, NOW_MS, newRootKey, openStores, type Stores } from './stores.ts'

export type Process = Stores & { readonly identities: Awaited<ReturnType<typeof openIdentities>> }

/** Whether the caller's own policies let it do this. */
export function may(caller: Caller | undefined, action: string): boolean {
  if (caller === undefined) throw new Error('nobody')
  const { principal, policies, context } = caller
  return authorize({
    principal,
    policies,
    demand: {
      action,
      resource: '*',
      account: caller.account,
      resourceControl: undefined,
      context,
      authority: 'identity',
    },
  }).allowed
}

export function keyValue(caller: Caller | undefined, key: string): string | undefined {
  return caller?.context.get(key.toLowerCase())?.scalar
}

/** How a test opens processes, and what it puts into their stores. */
export function identityProcesses(dialect: TestDialect) {
  const root = newRootKey()

  async function open(storage: Storage): Promise<Process> {
    return { ...openStores(storage, root), identities: await openIdentities(storage, root) }
  }

  async function fresh(): Promise<Process> {
    const storage = await dialect.freshStorage(iam.migrations)
    await insertAccounts(storage, root)
    return open(storage)
  }

  /** Two processes over one database. */
  async function two(): Promise<[Process, Process]> {
    const place = await dialect.freshPlace()
    const storage = await dialect.openAt(place)
    await migrate(storage, iam.migrations)
    await insertAccounts(storage, root)
    return [await open(storage), await open(await dialect.openAt(place))]
  }

  const insert = ({ storage, entities }: Process, ...all: Entity[]) =>
    storage.write(async (tx) => {
      for (const entity of all) expect(await entities.insert(tx, entity)).toBe(true)
    })

  async function keyFor({ storage, accessKeys }: Process, principal: string): Promise<string> {
    const key = newAccessKey(ACCOUNT)
    await storage.write((tx) => accessKeys.insert(tx, principal, key, NOW_MS))
    return key.accessKeyId
  }

  const callerOf = async ({ identities }: Process, accessKeyId: string) =>
    (await identities.findCredential(accessKeyId, undefined))?.caller
  return { root, fresh, two, insert, keyFor, callerOf }
}
