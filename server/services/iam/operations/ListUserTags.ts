// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html
import { listTags } from '../tagging.ts'

export const ListUserTags = listTags('user')
