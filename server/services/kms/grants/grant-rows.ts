// A grant as its row, and a row as its grant: believed only with its MAC.
import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import type { Constraints, Grant } from './grant.ts'
import type { GrantTables } from './tables.ts'

export type GrantRow = GrantTables['kms_grants']

export type GrantRows = {
  /** Throws ForgedRowError where this server did not write the row. */
  read(row: GrantRow): Grant
  /** The row of a new grant, with its MAC. */
  of(grant: Grant, fingerprint: string | undefined): GrantRow
}

const COLUMNS = [
  'account',
  'region',
  'key_id',
  'grant_id',
  'grantee',
  'retiring',
  'issuer',
  'name',
  'operations',
  'constraints',
  'created_at_ms',
  'fingerprint',
] as const

export function grantRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'kms_grants', COLUMNS, ['account', 'region', 'key_id', 'grant_id'])
}

export function grantRows(rootKey: RootKey): GrantRows {
  const macs = grantRowMacs(rootKey)
  return {
    read(row) {
      macs.require(row)
      return {
        account: row.account,
        region: row.region,
        keyId: row.key_id,
        id: row.grant_id,
        grantee: row.grantee,
        retiring: row.retiring ?? undefined,
        issuer: row.issuer,
        name: row.name ?? undefined,
        operations: JSON.parse(row.operations),
        constraints: row.constraints === null ? UNCONSTRAINED : readConstraints(row.constraints),
        createdAtMs: row.created_at_ms,
      }
    },
    of(grant, fingerprint) {
      const columns = {
        account: grant.account,
        region: grant.region,
        key_id: grant.keyId,
        grant_id: grant.id,
        grantee: grant.grantee,
        retiring: grant.retiring ?? null,
        issuer: grant.issuer,
        name: grant.name ?? null,
        operations: JSON.stringify(grant.operations),
        constraints: constraintsColumn(grant.constraints),
        created_at_ms: grant.createdAtMs,
        fingerprint: fingerprint ?? null,
      }
      return { ...columns, mac: macs.of(columns) }
    },
  }
}

const UNCONSTRAINED: Constraints = { equals: undefined, subset: undefined, sourceArn: undefined }

function readConstraints(column: string): Constraints {
  const { equals, subset, sourceArn } = JSON.parse(column)
  return { equals, subset, sourceArn }
}

function constraintsColumn(constraints: Constraints): string | null {
  const text = JSON.stringify(constraints)
  return text === '{}' ? null : text
}
