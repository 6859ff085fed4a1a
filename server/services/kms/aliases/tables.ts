// The table of aliases, as Kysely types; made by `migrations/0002-aliases.ts`.

export type AliasTables = {
  kms_aliases: {
    account: string
    region: string
    /** With its prefix: `alias/name`. */
    name: string
    version: number
    key_id: string
    created_at_ms: number
    updated_at_ms: number
    mac: Uint8Array | null
  }
}
