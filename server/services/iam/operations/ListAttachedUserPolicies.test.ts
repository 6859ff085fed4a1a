// ListAttachedUserPolicies as callers see it.
import { testListAttachedPolicies } from '../testing/attachments.ts'

testListAttachedPolicies('user')
