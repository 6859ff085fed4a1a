// Unsealing a server: what it takes is offered piece by piece, by different people, until the root key
// is there or the attempt fails whole. Wrong pieces never half-unseal anything.

import { unsealWithPassphrase } from './passphrase-seal.ts'
import type { RootKey } from './root-key.ts'
import type { SealDocument } from './seal-document.ts'
import { readShare, ShareError, unsealWithShares } from './shares-seal.ts'

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
  const needed = document.kind === 'shares' ? document.threshold : 0
  const { promise, resolve } = Promise.withResolvers<RootKey>()
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

  async function tryPassphrase(text: Buffer): Promise<RootKey | undefined> {
    if (document.kind !== 'passphrase') throw new UnsealError('This server is sealed by shares.')
    const root = await unsealWithPassphrase(document, text)
    if (root === undefined) {
      failures++
      throw new UnsealError('The passphrase is not the right one.')
    }
    return root
  }

  async function tryShare(text: Buffer): Promise<RootKey | undefined> {
    if (document.kind !== 'shares') throw new UnsealError('This server is sealed by a passphrase.')
    const share = readShare(document, text.toString('utf8'))
    if (shares.some((known) => known.equals(share))) {
      throw new UnsealError('This share was given already: another one is needed.')
    }
    shares.push(share)
    if (shares.length < needed) return undefined
    try {
      const root = await unsealWithShares(document, shares)
      if (root !== undefined) return root
    } finally {
      forgetShares()
    }
    failures++
    throw new UnsealError('The shares do not belong together. All were forgotten: begin again.')
  }

  async function take(piece: { kind: 'passphrase' | 'share'; text: Buffer }) {
    try {
      if (!sealed) return progress()
      const root = await (piece.kind === 'passphrase' ? tryPassphrase : tryShare)(piece.text)
      if (root !== undefined) {
        sealed = false
        resolve(root)
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
    rootKeyId: document.rootKeyId,
    progress,
    offer: (piece) => inTurn(() => take(piece)),
    reset: () =>
      inTurn(async () => {
        forgetShares()
        return progress()
      }),
    rootKey: promise,
  }
}

function toldPlainly(error: Error): UnsealError {
  if (error instanceof UnsealError) return error
  if (error instanceof ShareError) return new UnsealError(error.message)
  // Such as a cost that somebody lowered in the seal file. No such message holds a secret.
  return new UnsealError(`The seal cannot be opened: ${error.message}`)
}
