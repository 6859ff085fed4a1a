// ListUsers as callers see it.
import { testList } from '../testing/lists.ts'

testList('user')
