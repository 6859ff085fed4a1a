// The principals of the corpus, by name, and documents in few words.
import principals from '../cases/principals.json' with { type: 'json' }
import type { Principal } from '../principal.ts'
import type { Document } from './scene.ts'

/** Everybody who appears in the corpus. */
export const cast = principals as Readonly<Record<keyof typeof principals, Principal>>

export const ACCOUNT_A = '111122223333'
export const ACCOUNT_B = '444455556666'
export const ROOT_A = `arn:aws:iam::${ACCOUNT_A}:root`
export const ROOT_B = `arn:aws:iam::${ACCOUNT_B}:root`
export const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT_A}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
export const USER = `arn:aws:iam::${ACCOUNT_A}:user/team/ursula`
export const ROLE = `arn:aws:iam::${ACCOUNT_A}:role/app/reader`
export const SESSION = `arn:aws:sts::${ACCOUNT_A}:assumed-role/reader/session-1`

/** A policy of version 2012-10-17. */
export function policy(...statements: object[]): Document {
  return { Version: '2012-10-17', Statement: statements }
}

/** A statement that allows an action on everything; `more` adds and replaces elements. */
export function allow(action: string | string[], more: object = {}): object {
  return { Effect: 'Allow', Action: action, Resource: '*', ...more }
}

/** A statement that denies an action on everything. */
export function deny(action: string | string[], more: object = {}): object {
  return { Effect: 'Deny', Action: action, Resource: '*', ...more }
}

/** The element that names AWS principals. */
export function to(...names: string[]): { Principal: { AWS: string[] } } {
  return { Principal: { AWS: names } }
}

/** The default key policy: everything is left to the account's identity policies. */
export const DELEGATION = policy(allow('kms:*', to(ROOT_A)))
export const ALL_KMS = policy(allow('kms:*'))
