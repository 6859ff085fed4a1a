// What a service must declare to be offered.
import type { Logger } from 'pino'
import type { TrustedRoot } from '../crypto/certification-path.ts'
import type { QueryErrors } from '../schema/query-errors.ts'
import type { ProtectedTable } from '../seal/protected-table.ts'
import type { RootKey } from '../seal/root-key.ts'
import type { Migration, Storage } from '../storage/storage.ts'
import type { Scope } from './call.ts'
import type { AwsError } from './errors.ts'
import type { Job } from './job.ts'
import type { AnyOperation } from './operation.ts'
import type { Identities } from './ports.ts'

/** What a service stands on. */
export type Foundation = {
  readonly storage: Storage
  readonly rootKey: RootKey
  readonly identities: Identities
  /** The Regions this installation offers. */
  readonly regions: readonly string[]
  /** Certificates, PEM, of the authorities that vouch for OpenID Connect issuers. */
  readonly oidcAuthorities: () => readonly string[]
  /** Roots of those who sign attestation documents; none where no such document is believed. */
  readonly nitroRoots: readonly TrustedRoot[]
  readonly log: Logger
  /** Has work done when the process ends in good order, after the last call and before the database closes. */
  beforeEnd(work: () => Promise<void>): void
}

/** How requests of the service look; each protocol is one file in `gateway/wire/`. */
export type WireProtocol =
  | { readonly kind: 'aws-json'; readonly version: '1.0' | '1.1'; readonly targetPrefix: string }
  | {
      readonly kind: 'query'
      readonly apiVersion: string
      readonly xmlNamespace: string
      /** Code and HTTP status by the name of the error's class, where the SDK's schemas say others. */
      readonly errors: QueryErrors
    }

export type Service = {
  /** The name in the credential scope, and the prefix of its actions. */
  readonly name: string
  /** The name in audit records, such as `kms.amazonaws.com`. */
  readonly eventSource: string
  readonly wire: WireProtocol
  /**
   * The one Region in which all calls of a global service happen, whether this server serves it or not:
   * IAM's is `us-east-1`. Nothing for a service of each Region. Signatures for a global service may be
   * scoped to that Region or to a served one, which is what clients do that are told an endpoint.
   */
  readonly globalRegion: string | undefined
  /** The largest request body, in bytes. */
  readonly maxBodyBytes: number
  /** What a caller is told of a bug, or of a store or trail that does not answer. */
  readonly internalFailure: new () => AwsError
  readonly operations: Readonly<Record<string, AnyOperation>>
  /** Those that only services can invoke: no request from a network can name them. */
  readonly innerOperations: readonly AnyOperation[]
  readonly migrations: readonly Migration[]
  /** Every table with something that the root key wraps, or with MACs under it. */
  readonly protectedTables: readonly ProtectedTable[]
  /** Opens the stores; what it returns is called once per scope and kept. */
  open(foundation: Foundation): Promise<(scope: Scope) => unknown>
  /** Timed work, over stores of its own that look across scopes. */
  jobs(foundation: Foundation): Promise<readonly Job[]>
}
