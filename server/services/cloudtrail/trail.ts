// The audit trail's writing end: group commit into this process's own chain.
// While one batch is being made durable the next one forms; its durability releases all its answers.
import type { Logger } from 'pino'
import type { AuditTrail } from '../../contract/ports.ts'
import { randomUuid } from '../../crypto/random.ts'
import type { SigningKey } from '../../crypto/signing-key.ts'
import {
  batchLine,
  firstHead,
  nextHead,
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
  readonly signingKey: SigningKey
  readonly log: Logger
  /** Given for the first chain after a restore. */
  readonly restored?: RestoredFrom
}

type Settle = (failure: Error | undefined) => void
/** Who waits for a record. A patient one can wait as long as it takes: its record is in the outbox. */
type Waiter = { readonly settle: Settle; readonly patient: boolean }
type Batch = { readonly number: number; readonly lines: Buffer; readonly head: Buffer }

const DELETE_AFTER_MS = 50
const RETRY_AFTER_MS = 500

/** Opens a new chain and resolves once its opening is durable. */
export async function openTrail({
  journal,
  register,
  outbox,
  signingKey,
  log,
  restored,
}: TrailParts): Promise<Trail> {
  const chain = randomUuid()
  const opening: Opening = {
    chain,
    format: 1,
    openedAt: new Date().toISOString(),
    publicKey: signingKey.publicKey.toString('base64'),
    previous: await register.headsToName(journal),
    ...(restored && { restored }),
  }
  const writer: JournalWriter = await journal.create(chain)

  let head = firstHead(chain)
  let batchNumber = 0
  let text = openingLine(opening)
  let waiting: Waiter[] = []
  let busy = false
  let scheduled = false
  let lastFailure: Error | undefined
  /** A batch whose append failed: it may stand in the journal, so it is given again before any other. */
  let unsettled: { readonly batch: Batch; readonly waiters: readonly Waiter[] } | undefined
  let retry: NodeJS.Timeout | undefined
  let chained: string[] = []
  let deletion: NodeJS.Timeout | undefined

  function formBatch(): Batch {
    const lines = Buffer.from(text)
    text = ''
    const records = batchNumber === 0 ? 0 : waiting.length
    const batchHead = nextHead(head, lines)
    const line = batchLine(signingKey, chain, batchNumber, records, batchHead)
    return {
      number: batchNumber,
      lines: Buffer.concat([lines, Buffer.from(line)]),
      head: batchHead,
    }
  }

  function commit(): void {
    scheduled = false
    if (busy || (unsettled === undefined && text === '')) return
    busy = true
    if (unsettled !== undefined) {
      // Until the failed batch stands in the journal nothing else can; those who wait wait with it.
      put(unsettled.batch, unsettled.waiters)
      return
    }
    const waiters = waiting
    const batch = formBatch()
    waiting = []
    put(batch, waiters)
  }

  function put(batch: Batch, waiters: readonly Waiter[]): void {
    writer.append(batch.number, batch.lines, (failure) => {
      busy = false
      if (failure === undefined) {
        head = batch.head
        batchNumber = batch.number + 1
        unsettled = undefined
        lastFailure = undefined
        for (const { settle } of waiters) settle(undefined)
        commit()
        return
      }
      lastFailure = failure
      // The patient ones wait for this very batch: a second record of theirs would be one too many.
      unsettled = { batch, waiters: waiters.filter(({ patient }) => patient) }
      for (const { settle, patient } of waiters) if (!patient) settle(failure)
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
    for (const { settle } of waiters) settle(failure)
  }

  function append(record: string, settle: Settle, patient = false): void {
    text += `${record}\n`
    waiting.push({ settle, patient })
    if (!scheduled && !busy) {
      scheduled = true
      process.nextTick(commit)
    }
  }

  /** Chains a record that is already durable in the outbox; tries again for as long as it takes. */
  function chainFromOutbox(eventId: string, record: string): void {
    const settle: Settle = (failure) => {
      if (failure !== undefined) {
        setTimeout(() => chainFromOutbox(eventId, record), RETRY_AFTER_MS).unref()
        return
      }
      chained.push(eventId)
      deletion ??= setTimeout(deleteChained, DELETE_AFTER_MS).unref()
    }
    append(record, settle, true)
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

  await new Promise<void>((resolve, reject) => {
    const settle: Settle = (failure) => (failure === undefined ? resolve() : reject(failure))
    waiting.push({ settle, patient: false })
    commit()
  })
  // A registered chain has its opening, and only a registered one has records: wherever a start is
  // interrupted, the trail verifies.
  try {
    await register.add(opening, Date.now())
  } catch (error) {
    await writer.close()
    throw error
  }

  return {
    append: (record, settle) => append(record, settle),
    enlist: (tx, eventId, record) =>
      outbox.insert(tx, { eventId, writer: chain, record }, Date.now()),
    isEnlisted: outbox.has,
    committed: chainFromOutbox,
    failure: () => lastFailure,
    async adopt(olderThanMs) {
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
      await new Promise<void>((resolve) => {
        const idle = () => {
          if (!busy && text === '') resolve()
          else if (lastFailure !== undefined) resolve()
          else setTimeout(idle, 5)
        }
        idle()
      })
      clearTimeout(deletion)
      clearTimeout(retry)
      await deleteChained()
      try {
        if (lastFailure === undefined) await register.close(chain, batchNumber - 1)
      } finally {
        await writer.close()
      }
    },
  }
}
