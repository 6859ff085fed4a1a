// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html
import { untag } from '../tagging.ts'

export const UntagUser = untag('user')
