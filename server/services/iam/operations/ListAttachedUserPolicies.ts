// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html
import { listAttachedPolicies } from '../attachments.ts'

export const ListAttachedUserPolicies = listAttachedPolicies('user')
