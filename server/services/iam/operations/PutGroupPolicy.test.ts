// PutGroupPolicy as callers see it.
import { testPutInlinePolicy } from '../testing/inline-policies.ts'

testPutInlinePolicy('group')
