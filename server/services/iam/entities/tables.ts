// The tables of users, groups, roles and policies, as Kysely types; made by `migrations/0004-entities.ts`.

export type EntityTables = {
  iam_entities: {
    entity_id: string
    account: string
    kind: string
    /** The name with its letters lowered: names differ in more than case. */
    name_key: string
    name: string
    path: string
    version: number
    /** Everything else, as JSON: policies, tags, groups. One row, so that one MAC covers what is there and what is not. */
    document: string
    created_at_ms: number
    mac: Uint8Array | null
  }
  /** Where to look for who refers to what; the entities say whether it is so. */
  iam_links: { account: string; holder_id: string; relation: string; target: string }
  /** One row for each account, held by whoever changes its IAM. */
  iam_account_versions: { account: string; version: number }
}
