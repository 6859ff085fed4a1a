// Rows that carry authority bear a MAC under the root key: whoever can write the database still cannot
// grant. What that holds against, and what not: docs/decisions/0006-row-macs.md.
import { fields } from '../crypto/fields.ts'
import type { RootKey } from './root-key.ts'

/** A row that somebody wrote who does not have the root key; nothing in it is believed. */
export class ForgedRowError extends Error {
  constructor(table: string, name: string) {
    super(`the row ${name} of ${table} was not written by this server: its MAC does not verify`)
  }
}

type Value = string | number | Uint8Array | null
type MacColumn = { readonly mac: Uint8Array | null }

export type RowMacs<Column extends string> = {
  of(row: Readonly<Record<Column, Value>>): Buffer
  /** Throws ForgedRowError where the row's MAC is missing or another one. */
  require(row: Readonly<Record<Column, Value>> & MacColumn): void
}

/** MACs of a table's rows over these columns; those in `key` name the row. */
export function rowMacs<Column extends string>(
  rootKey: RootKey,
  table: string,
  columns: readonly Column[],
  key: readonly Column[],
): RowMacs<Column> {
  function content(row: Readonly<Record<Column, Value>>): Buffer {
    const parts: (string | Uint8Array)[] = ['row', table]
    for (const column of columns) {
      const value = row[column]
      // Without those that are null, so that a column that is added later changes no MAC.
      if (value === null) continue
      parts.push(column, typeof value === 'object' ? 'bytes' : typeof value)
      parts.push(typeof value === 'number' ? String(value) : value)
    }
    return fields(...parts)
  }
  return {
    of: (row) => rootKey.mac(content(row)),
    require(row) {
      if (row.mac !== null && rootKey.isMac(content(row), row.mac)) return
      throw new ForgedRowError(table, key.map((column) => String(row[column])).join('/'))
    },
  }
}
