// The seal opened a second time, by those who have what it takes, to seal the next root key in the same
// way: the key-encryption key is not kept from the start of the server on, so it is asked for again.
import { existsSync, readFileSync } from 'node:fs'
import type { Place } from '../config.ts'
import { type OpenSeal, readSealDocument } from '../seal/seal-document.ts'
import { collectPieces, type UnsealProgress } from '../seal/unsealing.ts'
import { InvalidSealException } from './errors.ts'

export type OpenedSeal = {
  progress(): UnsealProgress
  /** Offers a passphrase or a share, and zeroes it. */
  offer(piece: { kind: 'passphrase' | 'share'; text: Buffer }): Promise<UnsealProgress>
  reset(): void
  /** The open seal, once; nothing where the root key lies in a file. Throws where it was not opened. */
  take(): OpenSeal | undefined
}

/** Whoever opened it goes on at once; nobody else finds it open later. */
const FORGET_AFTER_MS = 600_000
const BY_FILE = { kind: 'file', sealed: false, given: 0, needed: 0, failures: 0 } as const

export function openedSeal({ sealFile }: Place): OpenedSeal {
  let text = ''
  let collecting: ReturnType<typeof collectPieces> | undefined
  let open: OpenSeal | undefined
  let timer: NodeJS.Timeout | undefined

  function reset(): void {
    clearTimeout(timer)
    collecting?.reset()
    collecting = undefined
    open = undefined
  }

  /** Begins anew where the seal is another one by now. */
  function current(): ReturnType<typeof collectPieces> | undefined {
    const now = existsSync(sealFile) ? readFileSync(sealFile, 'utf8') : ''
    if (now !== text) reset()
    text = now
    if (now === '') return undefined
    collecting ??= collectPieces(readSealDocument(sealFile), (opened) => {
      open = opened
      timer = setTimeout(reset, FORGET_AFTER_MS).unref()
    })
    return collecting
  }

  return {
    progress: () => current()?.progress() ?? BY_FILE,
    async offer(piece) {
      const pieces = current()
      if (pieces !== undefined) return pieces.offer(piece)
      piece.text.fill(0)
      return BY_FILE
    },
    reset,
    take() {
      if (current() === undefined) return undefined
      const taken = open
      if (taken === undefined) {
        throw new InvalidSealException(
          'The seal has to be opened once more, so that it can hold the new root key: keyhold seal rotate-root asks for the passphrase or the shares.',
        )
      }
      reset()
      return taken
    },
  }
}
