// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html
import { getInlinePolicy } from '../inline-policies.ts'

export const GetGroupPolicy = getInlinePolicy('group')
