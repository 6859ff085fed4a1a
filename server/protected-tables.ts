// Every table with something that the root key wraps, or with MACs under it: the only list.
import type { ProtectedTable } from './seal/protected-table.ts'
import { trailProtectedTables } from './services/cloudtrail/service.ts'
import { services } from './services.ts'

export const protectedTables: readonly ProtectedTable[] = [
  ...trailProtectedTables,
  ...services.flatMap((service) => service.protectedTables),
]
