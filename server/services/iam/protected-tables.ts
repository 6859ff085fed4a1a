// The tables of IAM with something that the root key wraps, or with MACs under it.
import type { ProtectedTable } from '../../seal/protected-table.ts'
import { accessKeyBinding } from './access-key-directory.ts'
import { accessKeyUseRowMacs } from './access-key-use-store.ts'
import { entityRowMacs } from './entities/entity-rows.ts'
import { oidcProviderRowMacs } from './oidc/oidc-provider-rows.ts'
import { accessKeyRowMacs, accountRowMacs } from './row-macs.ts'
import { sessionKeyBinding } from './sessions/session-key-store.ts'

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
  {
    table: 'iam_access_key_uses',
    key: ['access_key_id'],
    macs: accessKeyUseRowMacs,
    wrapped: [],
    wrappedBelow: [],
  },
  {
    table: 'iam_session_keys',
    key: ['generation'],
    macs: undefined,
    wrapped: [
      {
        column: 'wrapped',
        label: 'sessionKey',
        binding: (row) => sessionKeyBinding(Number(row.generation)),
      },
    ],
    wrappedBelow: [],
  },
  {
    table: 'iam_entities',
    key: ['entity_id'],
    macs: entityRowMacs,
    wrapped: [],
    wrappedBelow: [],
  },
  {
    table: 'iam_oidc_providers',
    key: ['account', 'url'],
    macs: oidcProviderRowMacs,
    wrapped: [],
    wrappedBelow: [],
  },
]
