// AttachGroupPolicy as callers see it.
import { testAttachPolicy } from '../testing/attachments.ts'

testAttachPolicy('group')
