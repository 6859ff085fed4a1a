// TagRole as callers see it.
import { testTag } from '../testing/tagging.ts'

testTag('role')
