// DetachRolePolicy as callers see it.
import { testDetachPolicy } from '../testing/attachments.ts'

testDetachPolicy('role')
