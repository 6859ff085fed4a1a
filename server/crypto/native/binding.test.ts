// Which add-on is taken: the one that these sources were compiled to, and no other.
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadAddOn } from './binding.ts'

const isCompiled = existsSync(new URL('./build/add-on.node', import.meta.url))

it.skipIf(!isCompiled)('the add-on that was compiled is the one of these sources', () => {
  expect(loadAddOn()).toBeDefined()
})

it('an add-on of another release, or none, is not taken', () => {
  expect(loadAddOn(() => ({ sign: () => {} }))).toBeUndefined()
  expect(loadAddOn(() => ({ contract: 1 }))).toBeUndefined()
  expect(
    loadAddOn(() => {
      throw new Error('no such file')
    }),
  ).toBeUndefined()
})
