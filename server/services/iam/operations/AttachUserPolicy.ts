// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
import { attachPolicy } from '../attachments.ts'

export const AttachUserPolicy = attachPolicy('user')
