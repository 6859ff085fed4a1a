// UntagRole as callers see it.
import { testUntag } from '../testing/tagging.ts'

testUntag('role')
