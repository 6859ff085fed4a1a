// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
import { getInlinePolicy } from '../inline-policies.ts'

export const GetRolePolicy = getInlinePolicy('role')
