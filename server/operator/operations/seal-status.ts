// The seal as operations tell it.
import type { MemberText } from '../../schema/own-shape.ts'
import type { UnsealProgress } from '../../seal/unsealing.ts'

export type SealStatus = {
  Kind: string
  Sealed: boolean
  Given: number
  Needed: number
  Failures: number
}

export const SEAL_STATUS = {
  Kind: 'string!',
  Sealed: 'boolean!',
  Given: 'number!',
  Needed: 'number!',
  Failures: 'number!',
} as const satisfies Record<keyof SealStatus, MemberText>

export function sealStatus({ kind, sealed, given, needed, failures }: UnsealProgress): SealStatus {
  return { Kind: kind, Sealed: sealed, Given: given, Needed: needed, Failures: failures }
}
