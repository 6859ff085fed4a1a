// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html
import { detachPolicy } from '../attachments.ts'

export const DetachUserPolicy = detachPolicy('user')
