// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html
import { listInlinePolicies } from '../inline-policies.ts'

export const ListGroupPolicies = listInlinePolicies('group')
