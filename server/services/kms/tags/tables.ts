// The table of tags, as Kysely types; made by `migrations/0003-tags.ts`.

export type TagTables = {
  kms_tags: {
    account: string
    region: string
    key_id: string
    tag_key: string
    tag_value: string
  }
}
