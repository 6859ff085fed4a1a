// The table of the trail with what the root key wraps: the key that signs.
import type { ProtectedTable } from '../../seal/protected-table.ts'
import { signingKeyBinding } from './signing-key-store.ts'

export const trailProtectedTables: readonly ProtectedTable[] = [
  {
    table: 'trail_signing_keys',
    key: ['generation'],
    macs: undefined,
    wrapped: [
      {
        column: 'wrapped',
        label: 'trailKey',
        binding: (row) => signingKeyBinding(Number(row.generation)),
      },
    ],
    wrappedBelow: [],
  },
]
