// AttachUserPolicy as callers see it.
import { testAttachPolicy } from '../testing/attachments.ts'

testAttachPolicy('user')
