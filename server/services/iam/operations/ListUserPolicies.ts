// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html
import { listInlinePolicies } from '../inline-policies.ts'

export const ListUserPolicies = listInlinePolicies('user')
