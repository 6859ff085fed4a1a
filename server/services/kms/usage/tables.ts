// The table of last uses, as Kysely types; made by `migrations/`.

export type KeyUsageTables = {
  kms_key_usage: {
    account: string
    region: string
    key_id: string
    used_at_ms: number
    operation: string
    event_id: string
    request_id: string
    mac: Uint8Array | null
  }
}
