// How a new root key is to be sealed, as `init` is told.
import { OperatorError } from './operator-error.ts'

export type SealConfig =
  | { readonly kind: 'file' }
  | { readonly kind: 'passphrase'; readonly descriptor: number }
  | { readonly kind: 'shares'; readonly shares: number; readonly threshold: number }

/** Reads `--seal` and what belongs to it. */
export function readSealConfig({
  seal,
  passphraseFd,
  shares,
  threshold,
}: {
  readonly seal?: string
  readonly passphraseFd?: number
  readonly shares?: number
  readonly threshold?: number
}): SealConfig {
  if (seal === 'passphrase') {
    if (passphraseFd === undefined) {
      throw new OperatorError('--seal passphrase needs --passphrase-fd, or a terminal to ask on.')
    }
    return { kind: 'passphrase', descriptor: passphraseFd }
  }
  if (seal !== 'shares') return { kind: 'file' }
  const count = shares ?? 5
  const needed = threshold ?? 3
  if (count < 2 || count > 255 || needed < 2 || needed > count) {
    throw new OperatorError('--shares is 2 to 255, and --threshold is 2 to --shares.')
  }
  return { kind: 'shares', shares: count, threshold: needed }
}
