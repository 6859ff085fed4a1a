// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html
import { detachPolicy } from '../attachments.ts'

export const DetachRolePolicy = detachPolicy('role')
