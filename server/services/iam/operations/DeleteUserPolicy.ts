// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html
import { deleteInlinePolicy } from '../inline-policies.ts'

export const DeleteUserPolicy = deleteInlinePolicy('user')
