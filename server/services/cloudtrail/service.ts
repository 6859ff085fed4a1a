// The audit trail as worker.ts opens it. CloudTrail's own API comes on top of it.
import { join } from 'node:path'
import type { Foundation } from '../../contract/service.ts'
import type { Storage, Transaction } from '../../storage/storage.ts'
import { openChainRegister } from './chain-store.ts'
import type { Journal } from './journal.ts'
import { fileJournal } from './journal-file.ts'
import { tableJournal } from './journal-store.ts'
import { trailMigration } from './migrations/0001-trail.ts'
import { openOutbox } from './outbox-store.ts'
import { findHeadKeys, openHeadKeys } from './signing-key-store.ts'
import { openTrail, type Trail } from './trail.ts'
import { type Verification, type VerifyParts, verifyTrail } from './verify.ts'
import type { VerifyingKeys } from './walk-chain.ts'

export { trailProtectedTables } from './protected-tables.ts'

export const trailMigrations = [trailMigration]

/** Rows this old in the outbox were left by a process that died: a living one deletes its own at once. */
const LEFT_BEHIND_AFTER_MS = 10_000
const ADOPT_EVERY_MS = 5000
/** No chain has such an id. */
const NOBODY = 'nobody'
const LONG_AGO_MS = 0

/** Opens this process's chain, and takes over what dead processes left, now and from time to time. */
export async function startTrail(foundation: Foundation, directory: string): Promise<Trail> {
  const { storage, rootKey, log } = foundation
  const trail = await openTrail({
    journal: journalOf(storage, directory),
    register: openChainRegister(storage),
    outbox: openOutbox(storage),
    keys: await openHeadKeys(storage, rootKey),
    log,
  })
  const adopt = () => {
    trail.adopt(LEFT_BEHIND_AFTER_MS).catch((error: unknown) => {
      log.warn({ err: error }, 'records left in the outbox could not be taken over; trying again')
    })
  }
  adopt()
  const timer = setInterval(adopt, ADOPT_EVERY_MS).unref()
  return {
    ...trail,
    close() {
      clearInterval(timer)
      return trail.close()
    },
  }
}

/**
 * Leaves a record in the transaction of what it tells, where no process of the trail runs yet: the next
 * one to open a chain takes it over.
 */
export async function leaveRecord(
  storage: Storage,
  tx: Transaction,
  eventId: string,
  record: string,
): Promise<void> {
  await openOutbox(storage).insert(tx, { eventId, writer: NOBODY, record }, LONG_AGO_MS)
}

type Opened = Pick<Foundation, 'storage' | 'rootKey'>

/** The public key (DER) that verifies the trail, or nothing where the server never ran. */
export async function findTrailKey(opened: Opened): Promise<Buffer | undefined> {
  return (await findVerifyingKeys(opened))?.publicKey
}

/** The keys that verify the trail, or nothing where the server never ran. */
export async function findVerifyingKeys({
  storage,
  rootKey,
}: Opened): Promise<Required<VerifyingKeys> | undefined> {
  const keys = await findHeadKeys(storage, rootKey)
  return keys && { publicKey: keys.signingKey.publicKey, macKey: keys.macKey }
}

/** Verifies everything there is; a server may be running meanwhile. */
export async function verifyWholeTrail(
  opened: Opened,
  directory: string,
  parts: Pick<VerifyParts, 'checkpoint' | 'onRecord'>,
): Promise<Verification> {
  const keys = await findVerifyingKeys(opened)
  if (keys === undefined) throw new Error('There is no trail yet: the server never ran here.')
  return verifyTrailOf(opened.storage, keys, directory, parts)
}

/** The same with keys that are known; without the MAC key, of which the root key is not needed. */
export async function verifyTrailOf(
  storage: Storage,
  keys: VerifyingKeys,
  directory: string,
  { checkpoint, onRecord }: Pick<VerifyParts, 'checkpoint' | 'onRecord'>,
): Promise<Verification> {
  return verifyTrail({
    journal: journalOf(storage, directory),
    registered: openChainRegister(storage).list,
    keys,
    unchained: (await openOutbox(storage).list()).length,
    checkpoint,
    onRecord,
  })
}

/** Where this installation keeps its chains. */
export function journalOf(storage: Storage, directory: string): Journal {
  return storage.dialect === 'sqlite'
    ? fileJournal(join(directory, 'trail'))
    : tableJournal(storage)
}
