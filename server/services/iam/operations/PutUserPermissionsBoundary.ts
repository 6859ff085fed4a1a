// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
import { putBoundary } from '../boundaries.ts'

export const PutUserPermissionsBoundary = putBoundary('user')
