// Files are as short as ARCHITECTURE.md says: more than 300 lines have only those that say here why.
import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const MOST_LINES = 300

/** Each with the reason why it is not split; a list that only shrinks. */
const LONGER: Readonly<Record<string, string>> = {
  'conformance/rotate-root.test.ts':
    'one command, under every seal and on every database, over servers and states of a directory that all of it shares',
  'conformance/seals.test.ts':
    'one life of an installation, told in order: each part goes on with the directory that the one before left',
}

const root = new URL('..', import.meta.url)
const longer = globSync('**/*.{ts,mjs,c,py}', {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|native\/build)$/.test(path),
}).filter((file) => readFileSync(new URL(file, root), 'utf8').split('\n').length - 1 > MOST_LINES)

it('No file has more than 300 lines without a reason', () => {
  expect(longer.filter((file) => !(file in LONGER))).toEqual([])
})

it('No file has a reason that needs none any more', () => {
  expect(Object.keys(LONGER).filter((file) => !longer.includes(file))).toEqual([])
})
