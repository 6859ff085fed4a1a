// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html
import { getInlinePolicy } from '../inline-policies.ts'

export const GetUserPolicy = getInlinePolicy('user')
