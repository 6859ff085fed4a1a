// An alias as its row, and a row as its alias: believed only with its MAC, since it says which key is used.

import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import { type Alias, aliasArn } from './alias.ts'
import type { AliasTables } from './tables.ts'

export type AliasRow = AliasTables['kms_aliases']

export type AliasRows = {
  /** Throws ForgedRowError where this server did not write the row. */
  read(row: AliasRow): Alias
  /** The row of an alias that is as this says, with its MAC. */
  of(alias: Alias): AliasRow
}

const COLUMNS = [
  'account',
  'region',
  'name',
  'version',
  'key_id',
  'created_at_ms',
  'updated_at_ms',
] as const

export function aliasRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'kms_aliases', COLUMNS, ['account', 'region', 'name'])
}

export function aliasRows(rootKey: RootKey): AliasRows {
  const macs = aliasRowMacs(rootKey)
  return {
    read(row) {
      macs.require(row)
      const scope = { account: row.account, region: row.region }
      return {
        ...scope,
        name: row.name,
        arn: aliasArn(scope, row.name),
        version: row.version,
        keyId: row.key_id,
        createdAtMs: row.created_at_ms,
        updatedAtMs: row.updated_at_ms,
      }
    },
    of(alias) {
      const columns = {
        account: alias.account,
        region: alias.region,
        name: alias.name,
        version: alias.version,
        key_id: alias.keyId,
        created_at_ms: alias.createdAtMs,
        updated_at_ms: alias.updatedAtMs,
      }
      return { ...columns, mac: macs.of(columns) }
    },
  }
}
