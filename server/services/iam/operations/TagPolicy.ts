// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html
import { tag } from '../tagging.ts'

export const TagPolicy = tag('policy')
