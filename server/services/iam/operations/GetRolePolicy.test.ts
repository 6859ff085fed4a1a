// GetRolePolicy as callers see it.
import { testGetInlinePolicy } from '../testing/inline-policies.ts'

testGetInlinePolicy('role')
