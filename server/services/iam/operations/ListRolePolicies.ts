// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
import { listInlinePolicies } from '../inline-policies.ts'

export const ListRolePolicies = listInlinePolicies('role')
