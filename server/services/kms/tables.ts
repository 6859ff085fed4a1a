// The tables of KMS, as Kysely types; made by `migrations/`.

export type KmsTables = {
  kms_keys: {
    account: string
    region: string
    key_id: string
    version: number
    state: string
    description: string
    key_usage: string
    key_spec: string
    policy: string
    material_id: string
    created_at_ms: number
  }
  kms_key_materials: {
    account: string
    region: string
    key_id: string
    material_id: string
    domain_key_id: string
    wrapped: Uint8Array
    created_at_ms: number
  }
  kms_domain_keys: {
    domain_key_id: string
    region: string
    generation: number
    root_key_id: string
    wrapped: Uint8Array
    created_at_ms: number
  }
}
