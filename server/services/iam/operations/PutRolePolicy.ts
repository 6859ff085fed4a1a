// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
import { putInlinePolicy } from '../inline-policies.ts'

export const PutRolePolicy = putInlinePolicy('role')
