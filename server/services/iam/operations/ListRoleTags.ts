// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html
import { listTags } from '../tagging.ts'

export const ListRoleTags = listTags('role')
