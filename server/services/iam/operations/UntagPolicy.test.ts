// UntagPolicy as callers see it.
import { testUntag } from '../testing/tagging.ts'

testUntag('policy')
