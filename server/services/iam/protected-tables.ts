// The tables of IAM with something that the root key wraps, or with MACs under it.
import type { ProtectedTable } from '../../seal/protected-table.ts'
import { accessKeyBinding } from './access-key-directory.ts'
import { accessKeyRowMacs, accountRowMacs } from './row-macs.ts'

export const iamProtectedTables: readonly ProtectedTable[] = [
  {
    table: 'iam_accounts',
    key: ['account'],
    macs: accountRowMacs,
    wrapped: [],
    wrappedBelow: [],
  },
  {
    table: 'iam_access_keys',
    key: ['access_key_id'],
    macs: accessKeyRowMacs,
    wrapped: [
      {
        column: 'wrapped_secret',
        label: 'accessKey',
        binding: (row) =>
          accessKeyBinding(String(row.access_key_id), String(row.account), String(row.principal)),
      },
    ],
    wrappedBelow: [],
  },
]
