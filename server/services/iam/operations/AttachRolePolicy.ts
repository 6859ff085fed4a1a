// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
import { attachPolicy } from '../attachments.ts'

export const AttachRolePolicy = attachPolicy('role')
