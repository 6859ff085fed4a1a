// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html
import { deleteInlinePolicy } from '../inline-policies.ts'

export const DeleteGroupPolicy = deleteInlinePolicy('group')
