// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html
import { listAttachedPolicies } from '../attachments.ts'

export const ListAttachedGroupPolicies = listAttachedPolicies('group')
