// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
import { deleteInlinePolicy } from '../inline-policies.ts'

export const DeleteRolePolicy = deleteInlinePolicy('role')
