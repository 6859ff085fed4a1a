// A key as its row, and a row as its key: believed only with its MAC.

import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import type { KmsTables } from '../tables.ts'
import type { Key, KeyState } from './key.ts'
import { type KeyAttributes, NO_ATTRIBUTES } from './key-attributes-store.ts'
import { importColumns, readImport } from './key-import.ts'
import { NO_POLICY_PRINCIPALS, type PolicyPrincipals } from './key-policy.ts'
import { keyArn } from './key-reference.ts'
import { readSchedule, scheduleColumns } from './key-schedule.ts'
import { multiRegionColumns, readMultiRegion } from './multi-region.ts'

export type KeyRow = KmsTables['kms_keys']

export type KeyRows = {
  /** Throws ForgedRowError where this server did not write the row. */
  read(row: KeyRow, attributes?: KeyAttributes): Key
  /** The row of a key that is as this says, with its MAC. */
  of(key: Key): KeyRow
}

const COLUMNS = [
  'account',
  'region',
  'key_id',
  'version',
  'state',
  'description',
  'key_usage',
  'key_spec',
  'policy',
  'material_id',
  'created_at_ms',
  'deletes_at_ms',
  'rotation_period_days',
  'next_rotation_at_ms',
  'on_demand_rotation_at_ms',
  'policy_principals',
  'origin',
  'expiration_model',
  'expires_at_ms',
  'primary_region',
  'replica_regions',
  'deletion_window_days',
  'manager',
] as const

export function keyRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'kms_keys', COLUMNS, ['account', 'region', 'key_id'])
}

export function keyRows(rootKey: RootKey): KeyRows {
  const macs = keyRowMacs(rootKey)
  return {
    read(row, attributes = NO_ATTRIBUTES) {
      macs.require(row)
      const scope = { account: row.account, region: row.region }
      return {
        ...scope,
        id: row.key_id,
        arn: keyArn(scope, row.key_id),
        version: row.version,
        state: row.state as KeyState,
        description: row.description,
        usage: row.key_usage as Key['usage'],
        spec: row.key_spec as Key['spec'],
        createdAtMs: row.created_at_ms,
        policy: row.policy,
        policyPrincipals: readPrincipals(row.policy_principals),
        materialId: row.material_id,
        schedule: readSchedule(row),
        ...readImport(row),
        multiRegion: readMultiRegion(row),
        manager: row.manager === 'AWS' ? 'AWS' : 'CUSTOMER',
        attributes,
      }
    },
    of(key) {
      const columns = {
        account: key.account,
        region: key.region,
        key_id: key.id,
        version: key.version,
        state: key.state,
        description: key.description,
        key_usage: key.usage,
        key_spec: key.spec,
        policy: key.policy,
        material_id: key.materialId,
        created_at_ms: key.createdAtMs,
        ...scheduleColumns(key.schedule),
        policy_principals: principalsColumn(key.policyPrincipals),
        ...importColumns(key),
        ...multiRegionColumns(key.multiRegion),
        // Null as every row was before there was anybody else.
        manager: key.manager === 'AWS' ? 'AWS' : null,
      }
      return { ...columns, mac: macs.of(columns) }
    },
  }
}

function readPrincipals(column: string | null): PolicyPrincipals {
  return column === null ? NO_POLICY_PRINCIPALS : new Map(JSON.parse(column))
}

/** Null where there are none: releases that know nothing of them read such a row. */
function principalsColumn(principals: PolicyPrincipals): string | null {
  return principals.size === 0 ? null : JSON.stringify([...principals])
}
