// The audit trail's writing end: group commit into this process's own chain.
// While one batch is being made durable the next one forms; its durability releases all its answers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { AuditTrail } from '../../contract/ports.ts'
import { randomUuid } from '../../crypto/random.ts'
import { type Batch, batchFormer } from './batch-former.ts'
import {
  type HeadKeys,
  isMacOfBatch,
  type Opening,
  openingLine,
  type RestoredFrom,
} from './chain.ts'
import type { ChainRegister } from './chain-store.ts'
import type { Journal, JournalWriter } from './journal.ts'
import { findChained } from './left-records.ts'
import type { Outbox } from './outbox-store.ts'

export type Trail = AuditTrail & {
  /** Why nothing can be recorded now, or nothing. */
  failure(): Error | undefined
  /** Takes over what dead processes left in the outbox. */
  adopt(olderThanMs: number): Promise<number>
  /** Ends the chain in good order, after everything given to it is durable. */
  close(): Promise<void>
}

export type TrailParts = {
  readonly journal: Journal
  readonly register: ChainRegister
  readonly outbox: Outbox
  readonly keys: HeadKeys
  readonly log: Logger
  /** Given for the first chain after a restore. */
  readonly restored?: RestoredFrom
}

type Settle = (failure: Error | undefined) => void

const DELETE_AFTER_MS = 50
const RETRY_AFTER_MS = 500
/** A signature costs as much as ten records; a MAC, which every head has, a tenth of that. */
const SIGN_AFTER_MS = 1000

/** Opens a new chain and resolves once its opening is durable. */
export async function openTrail({
  journal,
  register,
  outbox,
  keys,
  log,
  restored,
}: TrailParts): Promise<Trail> {
  const chain = randomUuid()
  const opening: Opening = {
    chain,
    format: 1,
    openedAt: new Date().toISOString(),
    publicKey: keys.signingKey.publicKey.toString('base64'),
    previous: await register.headsToName(journal, (of, batch) => {
      if (isMacOfBatch(keys.macKey, of, batch)) return true
      log.error(
        { chain: of },
        'a chain ends in what this installation never wrote: verify the trail',
      )
      return false
    }),
    ...(restored && { restored }),
  }
  const writer: JournalWriter = await journal.create(chain)

  const formBatch = batchFormer(chain, keys)
  let lastBatch: Batch = formBatch(openingLine(opening), 0, true)
  let text = ''
  let waiting: Settle[] = []
  /** Those who can wait as long as it takes: their records are in the outbox. */
  const patient = new Set<Settle>()
  let busy = false
  let scheduled = false
  let lastFailure: Error | undefined
  /** A batch whose append failed: it may stand in the journal, so it is given again before any other. */
  let unsettled: { readonly batch: Batch; readonly waiters: readonly Settle[] } | undefined
  let retry: NodeJS.Timeout | undefined
  /** Whether the next batch must be signed, if need be one without records. */
  let isSignatureDue = false
  let signing: NodeJS.Timeout | undefined
  /** How many records of the outbox are on their way into this chain. */
  let unchained = 0
  let chained: string[] = []
  let deletion: NodeJS.Timeout | undefined

  function commit(): void {
    scheduled = false
    if (busy) return
    if (unsettled !== undefined) {
      // Until the failed batch stands in the journal nothing else can; those who wait wait with it.
      put(unsettled.batch, unsettled.waiters)
    } else if (text !== '' || isSignatureDue) {
      const waiters = waiting
      const lines = text
      waiting = []
      text = ''
      put(nextBatch(lines, waiters.length), waiters)
    }
  }

  function nextBatch(lines: string, records: number): Batch {
    lastBatch = formBatch(lines, records, isSignatureDue)
    isSignatureDue = false
    if (lastBatch.isSigned) {
      clearTimeout(signing)
      signing = undefined
    } else {
      signing ??= setTimeout(sign, SIGN_AFTER_MS).unref()
    }
    return lastBatch
  }

  function sign(): void {
    isSignatureDue = true
    commit()
  }

  function put(batch: Batch, waiters: readonly Settle[]): void {
    busy = true
    writer.append(batch.number, batch.lines, (failure) => {
      busy = false
      if (failure === undefined) {
        unsettled = undefined
        lastFailure = undefined
        for (const settle of waiters) settle(undefined)
        commit()
        return
      }
      lastFailure = failure
      // The patient ones wait for this very batch: a second record of theirs would be one too many.
      unsettled = { batch, waiters: waiters.filter((settle) => patient.has(settle)) }
      for (const settle of waiters) if (!patient.has(settle)) settle(failure)
      refuseWaiting(failure)
      // Without calls nobody else would find out that the cause is gone.
      retry ??= setTimeout(() => {
        retry = undefined
        commit()
      }, RETRY_AFTER_MS).unref()
    })
  }

  /** Nobody waits for a journal that fails: they are told, and their records go with them. */
  function refuseWaiting(failure: Error): void {
    const waiters = waiting
    waiting = []
    text = ''
    for (const settle of waiters) settle(failure)
  }

  function append(record: string, settle: Settle): void {
    text += `${record}\n`
    waiting.push(settle)
    if (!scheduled && !busy) {
      scheduled = true
      process.nextTick(commit)
    }
  }

  /** Chains a record that is already durable in the outbox; tries again for as long as it takes. */
  function chainFromOutbox(eventId: string, record: string): void {
    unchained++
    tryToChain(eventId, record)
  }

  function tryToChain(eventId: string, record: string): void {
    const settle: Settle = (failure) => {
      patient.delete(settle)
      if (failure !== undefined) {
        setTimeout(() => tryToChain(eventId, record), RETRY_AFTER_MS).unref()
        return
      }
      unchained--
      chained.push(eventId)
      deletion ??= setTimeout(deleteChained, DELETE_AFTER_MS).unref()
    }
    patient.add(settle)
    append(record, settle)
  }

  async function deleteChained(): Promise<void> {
    deletion = undefined
    const eventIds = chained
    chained = []
    try {
      if (eventIds.length > 0) await outbox.delete(eventIds)
    } catch (error) {
      log.warn({ err: error }, 'chained records stay in the outbox for now')
      chained.push(...eventIds)
      deletion ??= setTimeout(deleteChained, 1000).unref()
    }
  }

  async function whenIdle(): Promise<void> {
    while (lastFailure === undefined && (busy || text !== '')) await sleep(5)
  }

  // A registered chain has its opening, and only a registered one has records: wherever a start is
  // interrupted, the trail verifies.
  try {
    await new Promise<void>((resolve, reject) => {
      writer.append(lastBatch.number, lastBatch.lines, (failure) =>
        failure === undefined ? resolve() : reject(failure),
      )
    })
    await register.add(opening, Date.now())
  } catch (error) {
    await writer.close()
    throw error
  }

  return {
    append,
    enlist: (tx, eventId, record) =>
      outbox.insert(tx, { eventId, writer: chain, record }, Date.now()),
    isEnlisted: outbox.has,
    committed: chainFromOutbox,
    failure: () => lastFailure,
    async adopt(olderThanMs) {
      // What waits for a journal that fails is not left behind: nobody else is to chain it, too.
      if (unchained > 0) await outbox.keep(chain, Date.now())
      const left = await outbox.listLeft(chain, Date.now() - olderThanMs)
      // Looked for before it is taken: what this process holds is then known to be in no chain.
      const found = await findChained(journal, left)
      if (found.size > 0) await outbox.delete([...found])
      const open = left.filter(({ eventId }) => !found.has(eventId))
      const taken = await outbox.take(chain, open, Date.now())
      for (const { eventId, record } of taken) chainFromOutbox(eventId, record)
      return taken.length
    },
    async close() {
      await whenIdle()
      if (!lastBatch.isSigned) {
        sign()
        await whenIdle()
      }
      clearTimeout(deletion)
      clearTimeout(retry)
      clearTimeout(signing)
      await deleteChained()
      try {
        if (lastFailure === undefined) await register.close(chain, lastBatch.number)
      } finally {
        await writer.close()
      }
    },
  }
}
