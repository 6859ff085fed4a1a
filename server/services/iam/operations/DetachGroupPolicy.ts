// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html
import { detachPolicy } from '../attachments.ts'

export const DetachGroupPolicy = detachPolicy('group')
