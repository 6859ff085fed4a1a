// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html
import { deleteBoundary } from '../boundaries.ts'

export const DeleteUserPermissionsBoundary = deleteBoundary('user')
