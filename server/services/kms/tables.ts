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
    deletes_at_ms: number | null
    rotation_period_days: number | null
    next_rotation_at_ms: number | null
    on_demand_rotation_at_ms: number | null
    /** Pairs of a name in the policy and its unique id, as JSON; null where it names no user or role. */
    policy_principals: string | null
    /** `EXTERNAL`, or null where the material is made here. */
    origin: string | null
    /** Set while all imported material is there. */
    expiration_model: string | null
    /** When the first of it expires. */
    expires_at_ms: number | null
    /** Of a multi-Region key, and null in any other; the same in all Regions. */
    primary_region: string | null
    /** The Regions of its replicas, with commas between them. */
    replica_regions: string | null
    /** Set while a primary key waits for its replicas to be deleted. */
    deletion_window_days: number | null
    /** `AWS`, or null where the account manages the key itself. */
    manager: string | null
    /** Of `keys/key-rows.ts`; null in rows that were never adopted. */
    mac: Uint8Array | null
  }
  kms_key_materials: {
    account: string
    region: string
    key_id: string
    material_id: string
    domain_key_id: string
    /** Empty where imported material was deleted. */
    wrapped: Uint8Array
    created_at_ms: number
    /** 1 for the first rotation; null in the first material. */
    rotation_number: number | null
    rotation_type: string | null
    /** SubjectPublicKeyInfo of a key pair, bound to `wrapped`; null where the material is secret alone. */
    public_key: Uint8Array | null
  }
  kms_imported_materials: {
    account: string
    region: string
    key_id: string
    material_id: string
    /** Under which the fingerprint is. */
    domain_key_id: string
    /** By which the same material is known when it comes again. */
    fingerprint: Uint8Array
    state: string
    /** 1 while the material is there, 0 once it was deleted or has expired. */
    is_present: number
    expires_at_ms: number | null
    description: string | null
    /** Of `material/imported-material-store.ts`. */
    mac: Uint8Array | null
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
