// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html
import { tag } from '../tagging.ts'

export const TagRole = tag('role')
