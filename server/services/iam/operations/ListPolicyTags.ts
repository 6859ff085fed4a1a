// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html
import { listTags } from '../tagging.ts'

export const ListPolicyTags = listTags('policy')
