// PutRolePermissionsBoundary as callers see it.
import { testPutBoundary } from '../testing/boundaries.ts'

testPutBoundary('role')
