// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
import { listAttachedPolicies } from '../attachments.ts'

export const ListAttachedRolePolicies = listAttachedPolicies('role')
