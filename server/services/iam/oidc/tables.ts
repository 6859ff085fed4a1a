// The table of OpenID Connect providers, as a Kysely type; made by `migrations/0005-oidc-providers.ts`.

export type OidcTables = {
  iam_oidc_providers: {
    account: string
    url: string
    version: number
    /** Client ids, thumbprints and tags, as JSON. */
    document: string
    created_at_ms: number
    mac: Uint8Array | null
  }
}
