// DeleteRolePolicy as callers see it.
import { testDeleteInlinePolicy } from '../testing/inline-policies.ts'

testDeleteInlinePolicy('role')
