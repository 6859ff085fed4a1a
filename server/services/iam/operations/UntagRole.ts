// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html
import { untag } from '../tagging.ts'

export const UntagRole = untag('role')
