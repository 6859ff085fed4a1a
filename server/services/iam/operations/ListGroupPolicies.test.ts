// ListGroupPolicies as callers see it.
import { testListInlinePolicies } from '../testing/inline-policies.ts'

testListInlinePolicies('group')
