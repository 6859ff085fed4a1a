// Unsealing a server: what it takes is offered piece by piece, by different people, until the root key
// is there or the attempt fails whole. Wrong pieces never half-unseal anything.

import { openWithPassphrase } from './passphrase-seal.ts'
import type { RootKey } from './root-key.ts'
import type { OpenSeal, SealDocument } from './seal-document.ts'
import { openWithShares, readShare, ShareError } from './shares-seal.ts'

/** Why an attempt failed; a person reads it. */
export class UnsealError extends Error {}

export type UnsealProgress = {
  readonly kind: 'file' | SealDocument['kind']
  readonly sealed: boolean
  /** Shares given so far in this attempt, and how many it takes; 0 where no shares are asked for. */
  readonly given: number
  readonly needed: number
  /** Attempts that failed since the server started. */
  readonly failures: number
}

export type Unsealing = {
  /** Which root key it is; known before it is there. */
  readonly rootKeyId: string
  progress(): UnsealProgress
  /** Offers a passphrase or a share, and zeroes it. */
  offer(piece: { kind: 'passphrase' | 'share'; text: Buffer }): Promise<UnsealProgress>
  /** Forgets the shares given so far. */
  reset(): Promise<UnsealProgress>
  /** Kept once the root key is there. */
  readonly rootKey: Promise<RootKey>
}

/** An unsealing that is over already, since the root key lay in a file. */
export function alreadyUnsealed(root: RootKey): Unsealing {
  const progress = { kind: 'file', sealed: false, given: 0, needed: 0, failures: 0 } as const
  return {
    rootKeyId: root.id,
    progress: () => progress,
    offer: async () => progress,
    reset: async () => progress,
    rootKey: Promise.resolve(root),
  }
}

export function startUnsealing(document: SealDocument): Unsealing {
  const { promise, resolve } = Promise.withResolvers<RootKey>()
  // The key-encryption key is forgotten at once: serving takes the root key alone.
  const collecting = collectPieces(document, ({ rootKey }) => resolve(rootKey))
  return { rootKeyId: document.rootKeyId, ...collecting, rootKey: promise }
}

/** Asks for the pieces as unsealing does, and gives `onOpen` the open seal. */
export function collectPieces(
  document: SealDocument,
  onOpen: (open: OpenSeal) => void,
): Pick<Unsealing, 'progress' | 'offer' | 'reset'> {
  const needed = document.kind === 'shares' ? document.threshold : 0
  let shares: Buffer[] = []
  let sealed = true
  let failures = 0
  // One offer at a time: two people may type at the same moment.
  let turn: Promise<unknown> = Promise.resolve()

  function progress(): UnsealProgress {
    return { kind: document.kind, sealed, given: shares.length, needed, failures }
  }

  function forgetShares(): void {
    for (const share of shares) share.fill(0)
    shares = []
  }

  async function tryPassphrase(text: Buffer): Promise<OpenSeal | undefined> {
    if (document.kind !== 'passphrase') throw new UnsealError('This server is sealed by shares.')
    const open = await openWithPassphrase(document, text)
    if (open === undefined) {
      failures++
      throw new UnsealError('The passphrase is not the right one.')
    }
    return open
  }

  async function tryShare(text: Buffer): Promise<OpenSeal | undefined> {
    if (document.kind !== 'shares') throw new UnsealError('This server is sealed by a passphrase.')
    const share = readShare(document, text.toString('utf8'))
    if (shares.some((known) => known.equals(share))) {
      throw new UnsealError('This share was given already: another one is needed.')
    }
    shares.push(share)
    if (shares.length < needed) return undefined
    try {
      const open = await openWithShares(document, shares)
      if (open !== undefined) return open
    } finally {
      forgetShares()
    }
    failures++
    throw new UnsealError('The shares do not belong together. All were forgotten: begin again.')
  }

  async function take(piece: { kind: 'passphrase' | 'share'; text: Buffer }) {
    try {
      if (!sealed) return progress()
      const open = await (piece.kind === 'passphrase' ? tryPassphrase : tryShare)(piece.text)
      if (open !== undefined) {
        sealed = false
        onOpen(open)
      }
      return progress()
    } catch (error) {
      throw toldPlainly(error as Error)
    } finally {
      piece.text.fill(0)
    }
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = turn.then(act)
    turn = result.catch(() => {})
    return result
  }

  return {
    progress,
    offer: (piece) => inTurn(() => take(piece)),
    reset: () =>
      inTurn(async () => {
        forgetShares()
        return progress()
      }),
  }
}

function toldPlainly(error: Error): UnsealError {
  if (error instanceof UnsealError) return error
  if (error instanceof ShareError) return new UnsealError(error.message)
  // Such as a cost that somebody lowered in the seal file. No such message holds a secret.
  return new UnsealError(`The seal cannot be opened: ${error.message}`)
}
