// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html
import { putInlinePolicy } from '../inline-policies.ts'

export const PutGroupPolicy = putInlinePolicy('group')
