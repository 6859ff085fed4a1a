// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
import { putInlinePolicy } from '../inline-policies.ts'

export const PutUserPolicy = putInlinePolicy('user')
