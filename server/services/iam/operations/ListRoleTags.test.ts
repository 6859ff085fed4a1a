// ListRoleTags as callers see it.
import { testListTags } from '../testing/tagging.ts'

testListTags('role')
