// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
import { putBoundary } from '../boundaries.ts'

export const PutRolePermissionsBoundary = putBoundary('role')
