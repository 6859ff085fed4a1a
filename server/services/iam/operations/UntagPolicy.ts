// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html
import { untag } from '../tagging.ts'

export const UntagPolicy = untag('policy')
