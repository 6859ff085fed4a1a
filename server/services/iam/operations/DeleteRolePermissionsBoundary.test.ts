// DeleteRolePermissionsBoundary as callers see it.
import { testDeleteBoundary } from '../testing/boundaries.ts'

testDeleteBoundary('role')
