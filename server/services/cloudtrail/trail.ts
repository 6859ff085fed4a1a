// The audit trail's writing end: group commit into this process's own chain.
// While one batch is being made durable the next one forms; its durability releases all its answers.
import type { Logger } from 'pino'
import type { AuditTrail } from '../../contract/ports.ts'
import { randomUuid } from '../../crypto/random.ts'
import type { SigningKey } from '../../crypto/signing-key.ts'
import { batchLine, firstHead, nextHead, type Opening, openingLine } from './chain.ts'
import type { ChainRegister } from './chain-store.ts'
import type { Journal, JournalWriter } from './journal.ts'
import type { Outbox, OutboxRecord } from './outbox-store.ts'

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
}

type Settle = (failure: Error | undefined) => void
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
}: TrailParts): Promise<Trail> {
  const chain = randomUuid()
  const opening: Opening = {
    chain,
    format: 1,
    openedAt: new Date().toISOString(),
    publicKey: signingKey.publicKey.toString('base64'),
    previous: await register.headsToName(journal),
  }
  await register.add(opening, Date.now())
  const writer: JournalWriter = await journal.create(chain)

  let head = firstHead(chain)
  let batchNumber = 0
  let text = openingLine(opening)
  let waiting: Settle[] = []
  let busy = false
  let scheduled = false
  let lastFailure: Error | undefined
  /** A batch whose append failed: it may stand in the journal, so it is given again before any other. */
  let unsettled: Batch | undefined
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
      put(unsettled, [])
      return
    }
    const settles = waiting
    const batch = formBatch()
    waiting = []
    put(batch, settles)
  }

  function put(batch: Batch, settles: readonly Settle[]): void {
    writer.append(batch.number, batch.lines, (failure) => {
      busy = false
      if (failure === undefined) {
        head = batch.head
        batchNumber = batch.number + 1
        unsettled = undefined
        lastFailure = undefined
      } else {
        unsettled = batch
        lastFailure = failure
        refuseWaiting(failure)
        // Without calls nobody else would find out that the cause is gone.
        setTimeout(commit, RETRY_AFTER_MS).unref()
      }
      for (const settle of settles) settle(failure)
      if (failure === undefined) commit()
    })
  }

  /** Nobody waits for a journal that fails: they are told, and their records go with them. */
  function refuseWaiting(failure: Error): void {
    const settles = waiting
    waiting = []
    text = ''
    for (const settle of settles) settle(failure)
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
    append(record, (failure) => {
      if (failure !== undefined) {
        setTimeout(() => chainFromOutbox(eventId, record), RETRY_AFTER_MS).unref()
        return
      }
      chained.push(eventId)
      deletion ??= setTimeout(deleteChained, DELETE_AFTER_MS).unref()
    })
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

  /** Whether the dead writer got as far as chaining the record itself. */
  async function isChained({ writer: dead, eventId }: OutboxRecord): Promise<boolean> {
    const needle = `"eventID":"${eventId}"`
    let tail = ''
    try {
      for await (const piece of journal.read(dead)) {
        const seen = tail + Buffer.from(piece).toString('latin1')
        if (seen.includes(needle)) return true
        tail = seen.slice(-needle.length)
      }
    } catch {
      // The dead writer's chain is not there, so the record is not in it.
    }
    return false
  }

  await new Promise<void>((resolve, reject) => {
    waiting.push((failure) => (failure === undefined ? resolve() : reject(failure)))
    commit()
  })

  return {
    append,
    enlist: (tx, eventId, record) =>
      outbox.insert(tx, { eventId, writer: chain, record }, Date.now()),
    committed: chainFromOutbox,
    failure: () => lastFailure,
    async adopt(olderThanMs) {
      const left = await outbox.takeOver(chain, Date.now() - olderThanMs)
      for (const entry of left) {
        if (await isChained(entry)) chained.push(entry.eventId)
        else chainFromOutbox(entry.eventId, entry.record)
      }
      if (chained.length > 0) await deleteChained()
      return left.length
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
      await deleteChained()
      if (lastFailure === undefined) await register.close(chain, batchNumber - 1)
      await writer.close()
    },
  }
}
