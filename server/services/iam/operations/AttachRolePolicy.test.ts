// AttachRolePolicy as callers see it.
import { testAttachPolicy } from '../testing/attachments.ts'

testAttachPolicy('role')
