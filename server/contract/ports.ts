// What services give the pipeline: each port is implemented by one service and connected in worker.ts.
import type { SecretKey } from '../crypto/secret-key.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { Transaction } from '../storage/storage.ts'
import type { Caller } from './caller.ts'
import type { Usage } from './demand.ts'
import type { Awaitable } from './operation.ts'
import type { SessionFacts, TemporaryCredentials } from './session.ts'

/** An access key that may sign, and who signs with it. */
export type Credential = {
  readonly caller: Caller
  /** `AWS4` ‖ secret access key, the root of SigV4 key derivation. */
  readonly signingSecret: SecretKey
  /** When temporary credentials end, in milliseconds since the epoch. */
  readonly expiresAtMs: number | undefined
}

/** The access keys that sign requests. */
export type AccessKeys = {
  /**
   * The credential of an active access key, or nothing: also where temporary credentials come
   * without their session token, or others with one. Whether it has expired is for the asker to see.
   */
  findCredential(
    accessKeyId: string,
    sessionToken: string | undefined,
  ): Awaitable<Credential | undefined>
}

/** A role as AssumeRole looks at it. */
export type AssumableRole = {
  readonly account: string
  readonly arn: string
  /** `AROA…` */
  readonly id: string
  readonly name: string
  readonly path: string
  /** Counts the role's changes. */
  readonly version: number
  /** The trust policy; one that denies everything where its document is not one any more. */
  readonly trustPolicy: CompiledPolicy
  readonly maxSessionSeconds: number
  readonly tags: readonly (readonly [key: string, value: string])[]
  readonly isServiceLinked: boolean
}

/** An OpenID Connect provider that an account trusts to vouch for people and programs. */
export type OidcProvider = {
  readonly account: string
  readonly arn: string
  /** The issuer without `https://`, exactly as it was registered. */
  readonly url: string
  /** The audiences that tokens may be for. */
  readonly clientIds: readonly string[]
  /** SHA-1 of certificates, 40 lower-case hexadecimal digits: trusted where no authority is. */
  readonly thumbprints: readonly string[]
}

/** Implemented by iam. */
export type Identities = AccessKeys & {
  /**
   * The unique id (`AIDA…`, `AROA…`) of the user or role of this ARN, or of a role's session
   * (`AROA…:session`); of `arn:aws:iam::A:root`, the account A. Nothing where there is no such principal: policies keep ids, so that a user or role
   * made anew under an old name inherits nothing.
   */
  findPrincipalId(arn: string): Awaitable<string | undefined>
  /** The ARN of the user, role or session of this unique id, or nothing where the user or role is gone. */
  findPrincipalArn(id: string): Awaitable<string | undefined>
  /** The role of exactly this ARN, path and case included. */
  findRole(arn: string): Awaitable<AssumableRole | undefined>
  /** The account's provider of exactly this URL, which has no `https://` in front. */
  findOidcProvider(account: string, url: string): Awaitable<OidcProvider | undefined>
  /**
   * Who acts in a session with these facts, bound by what binds the role or user now; nothing where it
   * is gone. For sts, before it gives a token out; requests come through `findCredential`.
   */
  findSessionCaller(facts: SessionFacts, accessKeyId: string): Awaitable<Caller | undefined>
  /**
   * Who would call with an access key of this user, in a session of this role, or as the root user;
   * nothing where there is no such principal. For answering what somebody may do.
   */
  findCaller(arn: string, nowMs: number): Awaitable<Caller | undefined>
  /** The ARNs of the account's users and roles. */
  listPrincipals(account: string): Promise<readonly string[]>
  /** Temporary credentials for a session; nothing where its facts are too long for a token. */
  issueSession(facts: SessionFacts): TemporaryCredentials | undefined
  /** The account of an access key of any kind; nothing where nobody here has it. */
  findAccountOfKey(accessKeyId: string): Awaitable<string | undefined>
  /**
   * Remembers that an access key signed a call to a service; nothing of temporary credentials. For the
   * process that verified the signature.
   */
  noteUse(caller: Caller, service: string, region: string, nowMs: number): void
  /** The last call that the access key signed, at most a minute late; nothing where there was none. */
  findLastUse(
    accessKeyId: string,
  ): Promise<
    { readonly atMs: number; readonly service: string; readonly region: string } | undefined
  >
  /** Seals why a call was denied, so that only the account's administrators can read it. */
  encodeMessage(account: string, message: string): string
  /** The message again; nothing where it is none of ours, or of another account. */
  decodeMessage(account: string, encoded: string): string | undefined
}

/** Implemented by cloudtrail. No answer leaves before its record is durable. */
export type AuditTrail = {
  /** Appends one record (JSON text) of a call that changed nothing; `settle` runs once it is durable. */
  append(record: string, settle: (failure: Error | undefined) => void): void
  /** Stores the record of a change in the change's own transaction. */
  enlist(tx: Transaction, eventId: string, record: string): Promise<void>
  /** Whether such a record is stored, that is, whether the transaction that enlisted it was committed. */
  isEnlisted(tx: Transaction, eventId: string): Promise<boolean>
  /** Tells that the change of an enlisted record was committed: the record joins the chain soon. */
  committed(eventId: string, record: string): void
}

/** Implemented by service-quotas; throws ThrottlingException. */
export type RequestQuotas = { take(usage: readonly Usage[], region: string, nowMs: number): void }

/** Implemented by billing. */
export type Meter = { count(usage: readonly Usage[], region: string, nowMs: number): void }

export type Ports = {
  readonly identities: Identities
  readonly trail: AuditTrail
  readonly quotas: RequestQuotas
  readonly meter: Meter
}
