// ListUserTags as callers see it.
import { testListTags } from '../testing/tagging.ts'

testListTags('user')
