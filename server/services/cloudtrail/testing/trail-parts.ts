// A trail over a real database and a journal in memory that fails when it is told to.

import { type Logger, pino } from 'pino'
import { randomBytes } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import { newSigningKey } from '../../../crypto/signing-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { HeadKeys } from '../chain.ts'
import { openChainRegister } from '../chain-store.ts'
import type { Journal } from '../journal.ts'
import { lastBatchLineIn } from '../lines.ts'
import { openOutbox } from '../outbox-store.ts'
import { openTrail, type Trail } from '../trail.ts'
import { type Verification, verifyTrail } from '../verify.ts'

export const silentLog: Logger = pino({ level: 'silent' })

export type MemoryJournal = Journal & {
  readonly chains: Map<string, Buffer[]>
  /** How many batches were given to it, repeated ones included. */
  appends: number
  /** What the next appends fail with; nothing: they succeed. */
  failure: Error | undefined
  /** Holds the appends that begin now until the returned function is called. */
  hold(): () => void
}

export function memoryJournal(): MemoryJournal {
  const chains = new Map<string, Buffer[]>()
  let held: Promise<void> | undefined
  const journal: MemoryJournal = {
    chains,
    appends: 0,
    failure: undefined,
    hold() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => {
        held = undefined
        release()
      }
    },
    async create(chain) {
      const batches: Buffer[] = []
      chains.set(chain, batches)
      return {
        append(number, lines, settle) {
          journal.appends++
          const finish = () => {
            if (journal.failure === undefined) batches[number] = Buffer.from(lines)
            settle(journal.failure)
          }
          if (held === undefined) setImmediate(finish)
          else held.then(finish)
        },
        close: () => Promise.resolve(),
      }
    },
    list: () => Promise.resolve([...chains.keys()]),
    async *read(chain) {
      for (const batch of chains.get(chain) ?? []) yield batch
    },
    lastBatchLine: (chain) =>
      Promise.resolve(lastBatchLineIn(Buffer.concat(chains.get(chain) ?? []))),
  }
  return journal
}

export function newHeadKeys(): HeadKeys {
  return { signingKey: newSigningKey(), macKey: secretKey(randomBytes(32)) }
}

/** A trail and what a test asks of it. */
export type TestedTrail = Trail & {
  /** Appends a record; resolves when it is durable, rejects when it cannot be. */
  record(text: string): Promise<void>
}

export async function openTestedTrail(
  storage: Storage,
  journal: Journal,
  keys: HeadKeys = newHeadKeys(),
): Promise<TestedTrail> {
  const register = openChainRegister(storage)
  const outbox = openOutbox(storage)
  const trail = await openTrail({ journal, register, outbox, keys, log: silentLog })
  return {
    ...trail,
    record: (text) =>
      new Promise((resolve, reject) =>
        trail.append(text, (failure) => (failure === undefined ? resolve() : reject(failure))),
      ),
  }
}

/** Verifies everything in the journal; `records` are its records in order. */
export async function verifyJournal(
  storage: Storage,
  journal: Journal,
  { signingKey, macKey }: { signingKey: HeadKeys['signingKey']; macKey?: HeadKeys['macKey'] },
  checkpoint: Verification['checkpoint'] = [],
): Promise<Verification & { readonly texts: readonly string[] }> {
  const texts: string[] = []
  const verification = await verifyTrail({
    journal,
    registered: openChainRegister(storage).list,
    keys: { publicKey: signingKey.publicKey, macKey },
    unchained: 0,
    checkpoint,
    onRecord: (record) => texts.push(record),
  })
  return { ...verification, texts }
}
