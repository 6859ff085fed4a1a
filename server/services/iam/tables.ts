// The tables of accounts and access keys, as Kysely types; made by `migrations/`.

export type IamTables = {
  iam_accounts: { account: string; created_at_ms: number; mac: Uint8Array | null }
  iam_access_keys: {
    access_key_id: string
    account: string
    /** The unique id of its user; `root` for the account's root user. */
    principal: string
    status: string
    /** The secret access key, wrapped by the root key. */
    wrapped_secret: Uint8Array
    created_at_ms: number
    mac: Uint8Array | null
  }
  iam_access_key_uses: {
    access_key_id: string
    used_at_ms: number
    service: string
    region: string
    mac: Uint8Array | null
  }
  iam_session_keys: {
    generation: number
    root_key_id: string
    /** The key that seals session tokens, wrapped by the root key. */
    wrapped: Uint8Array
    created_at_ms: number
  }
}
