// Where a key's material comes from, and whether all that was imported is there.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
import type { KmsTables } from '../tables.ts'
import type { KeyMetadata } from '../wire.ts'

export type KeyOrigin = 'AWS_KMS' | 'EXTERNAL'

/** Of a key whose imported material is all there. */
export type ImportedKey = {
  /** When the first of its materials expires; nothing where none does. */
  readonly expiresAtMs: number | undefined
}

export type KeyImport = {
  readonly origin: KeyOrigin
  /** Set while all material is there that was imported into the key for good. */
  readonly imported: ImportedKey | undefined
}

export const MADE_HERE: KeyImport = { origin: 'AWS_KMS', imported: undefined }

type ImportColumns = Pick<KmsTables['kms_keys'], 'origin' | 'expiration_model' | 'expires_at_ms'>

const EXPIRES = 'KEY_MATERIAL_EXPIRES'
const DOES_NOT_EXPIRE = 'KEY_MATERIAL_DOES_NOT_EXPIRE'

export function readImport(row: ImportColumns): KeyImport {
  const imported =
    row.expiration_model === null ? undefined : { expiresAtMs: row.expires_at_ms ?? undefined }
  return { origin: row.origin === 'EXTERNAL' ? 'EXTERNAL' : 'AWS_KMS', imported }
}

export function importColumns({ origin, imported }: KeyImport): ImportColumns {
  return {
    // Null for what is made here: so every row was before there was anything else.
    origin: origin === 'AWS_KMS' ? null : origin,
    expiration_model: imported === undefined ? null : expirationModel(imported.expiresAtMs),
    expires_at_ms: imported?.expiresAtMs ?? null,
  }
}

export function expirationModel(expiresAtMs: number | undefined) {
  return expiresAtMs === undefined ? DOES_NOT_EXPIRE : EXPIRES
}

/** What DescribeKey and ListKeyRotations tell of material that is there. */
export function expirationMembers(
  imported: ImportedKey | undefined,
): Pick<KeyMetadata, 'ExpirationModel' | 'ValidTo'> {
  if (imported === undefined) return {}
  const { expiresAtMs } = imported
  return {
    ExpirationModel: expirationModel(expiresAtMs),
    ...(expiresAtMs !== undefined && { ValidTo: new Date(expiresAtMs) }),
  }
}
