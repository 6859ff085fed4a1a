// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html
import { tag } from '../tagging.ts'

export const TagUser = tag('user')
