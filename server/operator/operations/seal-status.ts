// The seal as operations tell it.
import type { MemberText } from '../../schema/own-shape.ts'
import type { UnsealProgress } from '../../seal/unsealing.ts'

export type SealStatus = {
  Kind: string
  Sealed: boolean
  Given: number
  Needed: number
  Failures: number
  /** The root key that counts, and the how manieth it is: told once it is unsealed. */
  RootKeyId?: string | undefined
  Generation?: number | undefined
  /** While the root key is rotated: rows done so far, of how many. */
  RowsDone?: number | undefined
  Rows?: number | undefined
}

export const SEAL_STATUS = {
  Kind: 'string!',
  Sealed: 'boolean!',
  Given: 'number!',
  Needed: 'number!',
  Failures: 'number!',
  RootKeyId: 'string?',
  Generation: 'number?',
  RowsDone: 'number?',
  Rows: 'number?',
} as const satisfies Record<keyof SealStatus, MemberText>

export function sealStatus({ kind, sealed, given, needed, failures }: UnsealProgress): SealStatus {
  return { Kind: kind, Sealed: sealed, Given: given, Needed: needed, Failures: failures }
}
