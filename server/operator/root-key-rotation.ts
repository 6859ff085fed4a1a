// A new root key while the server serves, from the open seal to the new one in its place.
//
//   open seal ─▶ stage: seal file, this process, workers, word to other servers ─▶ transaction ─▶ settle
//
// Whatever becomes of the transaction, `settle` asks the database which root key it goes by, and ends the
// rotation accordingly; where this process is killed before, the next start does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Place } from '../config.ts'
import { settleRotation } from '../installation.ts'
import { takeRootKeyId } from '../installation-store.ts'
import { protectedTables } from '../protected-tables.ts'
import {
  countProtectedRows,
  ROOT_KEY_TOPIC,
  type Rotated,
  rotateRootKey,
  UnprotectedRowError,
} from '../root-key-rotation-store.ts'
import { aboutToRotateTo, SAY_EVERY_MS } from '../root-key-watch.ts'
import { newRootKey } from '../seal/file-seal.ts'
import type { RootKey } from '../seal/root-key.ts'
import type { RootKeyRing } from '../seal/root-key-ring.ts'
import type { OpenSeal } from '../seal/seal-document.ts'
import type { Storage, Transaction } from '../storage/storage.ts'
import { InvalidSealException, RootKeyNotRotatedException } from './errors.ts'
import type { OpenedSeal } from './opened-seal.ts'
import { findStagedSeal, oldSealFile, presentSeal, stageSeal } from './seal-succession.ts'

/** The serving processes of this server. */
export type RootKeyHolders = {
  /** Resolves once all of them believe what the next root key protects. */
  stageRootKey(next: RootKey): Promise<void>
  /** Tells which root key counts from now on: a process that is started later gets that one. */
  settleRootKey(id: string): void
}

/** A rotation that has everything it takes. */
export type BegunRotation = {
  readonly from: RootKey
  readonly to: RootKey
  /** Where the seal of the old root key will be kept. */
  readonly oldSeal: string
}

export type RootKeyRotation = {
  /** Makes the next root key and lets everyone know it who has to; one call at a time. */
  begin(call: string): Promise<BegunRotation>
  rotate(tx: Transaction, begun: BegunRotation): Promise<Rotated>
  /** Ends what this call has begun; nothing where that is none. */
  settle(call: string): Promise<void>
  isUnderWay(): boolean
  /** How far the transaction is; nothing where none is under way. */
  rows(): { readonly done: number; readonly all: number } | undefined
}

/** By then every other server has heard of it, or refuses because it heard of nothing. */
const HEARD_AFTER_MS = 1200
const SETTLE_TRIES = 20
const SETTLE_AGAIN_MS = 500

export function rootKeyRotation(parts: {
  readonly place: Place
  readonly storage: Storage
  readonly rootKey: RootKeyRing
  readonly opened: OpenedSeal
  readonly holders: RootKeyHolders
  readonly log: Logger
}): RootKeyRotation {
  const { place, storage, rootKey, opened, holders, log } = parts
  let begun: BegunRotation | undefined
  /** The call that rotates. */
  let owner: string | undefined
  let rows: { done: number; all: number } | undefined
  let saying: NodeJS.Timeout | undefined

  const say = (subject: string) => storage.write((tx) => tx.announce(ROOT_KEY_TOPIC, subject))

  /** Servers that share a PostgreSQL and will not have the key refuse before any row needs it. */
  async function tellOthers(id: string): Promise<void> {
    if (storage.dialect === 'sqlite') return
    await say(aboutToRotateTo(id))
    saying = setInterval(() => say(aboutToRotateTo(id)).catch(() => {}), SAY_EVERY_MS).unref()
    await sleep(HEARD_AFTER_MS)
  }

  async function settleOnce({ from, to }: BegunRotation): Promise<void> {
    clearInterval(saying)
    const id = await storage.write((tx) => takeRootKeyId(tx, storage.dialect))
    if (id === to.id) {
      rootKey.follow(id)
      holders.settleRootKey(id)
      log.warn({ rootKeyId: id, previous: from.id }, 'the root key was rotated')
    } else {
      rootKey.unstage()
      if (storage.dialect === 'postgres') await say(from.id)
    }
    await settleRotation(storage, place)
  }

  return {
    isUnderWay: () => owner !== undefined,
    rows: () => rows,
    async begin(call) {
      if (owner !== undefined) {
        throw new InvalidSealException('The root key is being rotated already.')
      }
      owner = call
      rows = { done: 0, all: 0 }
      const open: OpenSeal | undefined = opened.take()
      const present = presentSeal(place)
      const to = newRootKey()
      begun = { from: rootKey.present(), to, oldSeal: oldSealFile(place, present) }
      if (findStagedSeal(place) !== undefined || present.rootKeyId !== begun.from.id) {
        throw new RootKeyNotRotatedException(
          'An earlier rotation is not ended: see the log of the server, and start it again.',
        )
      }
      stageSeal(place, to, open?.reseal(to))
      rootKey.stage(to)
      try {
        await holders.stageRootKey(to)
      } catch (error) {
        throw new RootKeyNotRotatedException(
          `Nothing was changed: a process of the server did not take the next root key, since ${(error as Error).message}. Try again in a moment.`,
        )
      }
      await tellOthers(to.id)
      return begun
    },
    async rotate(tx, { from, to }) {
      const counted = { done: 0, all: await countProtectedRows(tx, protectedTables) }
      rows = counted
      const onRows = (done: number) => {
        counted.done = done
      }
      try {
        const tables = protectedTables
        const rotated = await rotateRootKey(tx, storage.dialect, { tables, from, to, onRows })
        if (rotated !== undefined) return rotated
      } catch (error) {
        if (!(error instanceof UnprotectedRowError)) throw error
        throw new RootKeyNotRotatedException(
          `Nothing was changed: the row ${error.message} was not written by this server, or bears no MAC. Treat it as an incident, then delete it or restore a backup. For rows from before MACs: keyhold serve --adopt-rows.`,
        )
      }
      throw new RootKeyNotRotatedException(
        'Nothing was changed: the root key was rotated on another server. Copy its seal here.',
      )
    },
    async settle(call) {
      if (call !== owner) return
      rows = undefined
      for (let tries = 1; begun !== undefined; tries++) {
        try {
          await settleOnce(begun)
          begun = undefined
        } catch (error) {
          if (tries >= SETTLE_TRIES) {
            // Both seals stay, and both keys in memory: the next start decides by the database.
            log.error(
              { err: error },
              'a rotation of the root key is not ended: start this server again',
            )
            return
          }
          await sleep(SETTLE_AGAIN_MS)
        }
      }
      owner = undefined
    },
  }
}
