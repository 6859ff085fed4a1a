// The tables of KMS with something that the root key wraps, or with MACs under it.
import type { ProtectedTable } from '../../seal/protected-table.ts'
import { aliasRowMacs } from './aliases/alias-rows.ts'
import { grantRowMacs } from './grants/grant-rows.ts'
import { keyRowMacs } from './keys/key-rows.ts'
import { domainKeyBinding } from './material/domain-key-store.ts'
import { importedMaterialRowMacs } from './material/imported-material-store.ts'
import { tagRowMacs } from './tags/tag-store.ts'
import { keyUsageRowMacs } from './usage/key-usage-store.ts'

const NOTHING = { macs: undefined, wrapped: [], wrappedBelow: [] } as const

export const kmsProtectedTables: readonly ProtectedTable[] = [
  {
    ...NOTHING,
    table: 'kms_domain_keys',
    key: ['domain_key_id'],
    wrapped: [
      {
        column: 'wrapped',
        label: 'domainKey',
        binding: (row) => domainKeyBinding(String(row.domain_key_id), String(row.region)),
      },
    ],
  },
  {
    ...NOTHING,
    table: 'kms_key_materials',
    key: ['account', 'region', 'key_id', 'material_id'],
    wrappedBelow: ['wrapped'],
  },
  { ...NOTHING, table: 'kms_keys', key: ['account', 'region', 'key_id'], macs: keyRowMacs },
  { ...NOTHING, table: 'kms_aliases', key: ['account', 'region', 'name'], macs: aliasRowMacs },
  {
    ...NOTHING,
    table: 'kms_grants',
    key: ['account', 'region', 'key_id', 'grant_id'],
    macs: grantRowMacs,
  },
  {
    ...NOTHING,
    table: 'kms_imported_materials',
    key: ['account', 'region', 'key_id', 'material_id'],
    macs: importedMaterialRowMacs,
  },
  {
    ...NOTHING,
    table: 'kms_tags',
    key: ['account', 'region', 'key_id', 'tag_key'],
    macs: tagRowMacs,
  },
  {
    ...NOTHING,
    table: 'kms_key_usage',
    key: ['account', 'region', 'key_id'],
    macs: keyUsageRowMacs,
  },
]
