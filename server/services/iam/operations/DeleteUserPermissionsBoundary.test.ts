// DeleteUserPermissionsBoundary as callers see it.
import { testDeleteBoundary } from '../testing/boundaries.ts'

testDeleteBoundary('user')
