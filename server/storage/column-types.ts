// The column types that differ between the dialects. Text is `text` in both; a yes or no is an
// `integer` of 0 or 1 in both, because SQLite has no booleans.

import type { Dialect } from './contract.ts'

type ColumnTypes = {
  /** Bytes: a Uint8Array in and out. */
  readonly bytes: 'blob' | 'bytea'
  /** A whole number up to 2^53 - 1, such as milliseconds: a number in and out, refused beyond. */
  readonly wholeNumber: 'integer' | 'bigint'
}

/** Names of column types for `addColumn`, by dialect. */
export function columnTypes(dialect: Dialect): ColumnTypes {
  return dialect === 'sqlite'
    ? { bytes: 'blob', wholeNumber: 'integer' }
    : { bytes: 'bytea', wholeNumber: 'bigint' }
}
