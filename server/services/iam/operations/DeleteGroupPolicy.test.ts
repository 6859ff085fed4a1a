// DeleteGroupPolicy as callers see it.
import { testDeleteInlinePolicy } from '../testing/inline-policies.ts'

testDeleteInlinePolicy('group')
