// What a service declares of a table whose rows the root key protects, once, so that whatever is done to
// all that the root key protects (a new root key, adopting rows) forgets no table.
import type { Label } from '../crypto/labels.ts'
import type { RootKey } from './root-key.ts'
import type { RowMacs } from './row-mac.ts'

export type ProtectedRow = Readonly<Record<string, string | number | Uint8Array | null>>

/** A column that holds what the root key wrapped, or null; and what that was bound to. */
export type WrappedColumn = {
  readonly column: string
  readonly label: Label
  binding(row: ProtectedRow): Uint8Array
}

export type ProtectedTable = {
  readonly table: string
  /** The columns of its primary key. */
  readonly key: readonly string[]
  /** The MACs in the column `mac`; nothing where rows bear none. */
  readonly macs: ((rootKey: RootKey) => RowMacs<string>) | undefined
  /** Under the root key itself. The column `root_key_id`, where there is one, names it. */
  readonly wrapped: readonly WrappedColumn[]
  /** Columns wrapped by a key that the root key wraps: they stay as they are when it changes. */
  readonly wrappedBelow: readonly string[]
}
