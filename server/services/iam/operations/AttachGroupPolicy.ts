// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html
import { attachPolicy } from '../attachments.ts'

export const AttachGroupPolicy = attachPolicy('group')
