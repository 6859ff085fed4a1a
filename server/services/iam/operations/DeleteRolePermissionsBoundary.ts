// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html
import { deleteBoundary } from '../boundaries.ts'

export const DeleteRolePermissionsBoundary = deleteBoundary('role')
