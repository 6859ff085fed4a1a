// UpdateGroup as callers see it.
import { testRename } from '../testing/renaming.ts'

testRename('group')
