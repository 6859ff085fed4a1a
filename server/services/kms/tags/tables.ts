// The table of tags, as Kysely types; made by `migrations/`.

export type TagTables = {
  kms_tags: {
    account: string
    region: string
    key_id: string
    tag_key: string
    tag_value: string
    mac: Uint8Array | null
  }
}
