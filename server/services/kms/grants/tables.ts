// The table of grants, as Kysely types; made by `migrations/0009-grants.ts`.

export type GrantTables = {
  kms_grants: {
    account: string
    region: string
    key_id: string
    grant_id: string
    /** The unique id of a user or role, an account's number, a session's ARN or a service's name. */
    grantee: string
    retiring: string | null
    /** The account in which it was made. */
    issuer: string
    name: string | null
    /** JSON: names of operations. */
    operations: string
    /** JSON; null where there are none. */
    constraints: string | null
    created_at_ms: number
    /** The same for two requests with the same name and parameters; null where there is no name. */
    fingerprint: string | null
    mac: Uint8Array | null
  }
}
