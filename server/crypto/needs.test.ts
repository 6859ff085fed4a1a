// Every check of the cryptographic rooms has a comment, a sentence and a test, and all three say the same.
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { needs } from './needs.ts'

const ROOMS = 'server/{crypto,seal,services/kms/material}/**/*.ts'

type Check = { readonly file: string; readonly sentence: string; readonly above: string }

const files = globSync(ROOMS, { cwd: new URL('../..', import.meta.url) })
const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const checks = files
  .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('crypto/needs.ts'))
  .flatMap(checksIn)
const titles = files.filter((file) => file.endsWith('.test.ts')).flatMap(titlesIn)

function checksIn(file: string): Check[] {
  const text = read(file)
  return [...text.matchAll(/^ *needs\(([\s\S]*?)\n?\)$/gm)].map((match) => {
    const [, inside] = match
    const sentence = /'([^'\n]+)',?\s*$/.exec(inside as string)?.[1] ?? ''
    const above = text.slice(0, match.index).trimEnd().split('\n').at(-1)?.trim() ?? ''
    return { file, sentence, above }
  })
}

/** Titles of tests; those of checks are the ones that end with a full stop. */
function titlesIn(file: string): string[] {
  return [...read(file).matchAll(/\bit(?:\.each\([\s\S]*?\))?\(\s*'([^'\n]+)'/g)].map(
    ([, title]) => title as string,
  )
}

it('the checks are found', () => {
  const calls = files
    .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('crypto/needs.ts'))
    .map((file) => read(file).match(/\bneeds\(/g)?.length ?? 0)
  expect(checks.length).toBeGreaterThanOrEqual(8)
  expect(checks).toHaveLength(calls.reduce((sum, count) => sum + count, 0))
})

describe.each(checks)('$file: $sentence', ({ sentence, above }) => {
  it('is a sentence, and the comment above it is the same', () => {
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    expect(above).toBe(`// ${sentence}`)
  })

  it('stands in one place, and one test has it for a title', () => {
    expect(checks.filter((check) => check.sentence === sentence)).toHaveLength(1)
    expect(titles.filter((title) => title === sentence)).toHaveLength(1)
  })
})

it('no test has a check for a title that is not there', () => {
  const sentences = checks.map(({ sentence }) => sentence).sort()
  expect(titles.filter((title) => title.endsWith('.')).sort()).toEqual(sentences)
})

it('what is needed and does not hold is an error, and what holds is not', () => {
  expect(() => needs(false, 'Two is one.')).toThrow(new Error('needs: Two is one.'))
  expect(() => needs(true, 'One is one.')).not.toThrow()
})
