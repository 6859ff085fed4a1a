import { expect, test } from 'vitest'
import { contextOf } from './context.ts'
import { readPattern, resolvePattern, textOf, variablesOf } from './pattern.ts'
import { variable } from './testing/variable.ts'

const context = contextOf([
  ['aws:username', 'ursula'],
  ['aws:PrincipalTag/empty', ''],
  ['aws:PrincipalTag/star', '*'],
  ['aws:TagKeys', ['one']],
  ['aws:RequestTag/a', '1'],
  ['aws:RequestTag/A', '2'],
])

function resolved(text: string): string | undefined {
  const pattern = resolvePattern(readPattern(text, true) ?? [], context)
  return pattern && textOf(pattern)
}

test('A variable is replaced whatever the case of its name', () => {
  expect(resolved(`home/${variable('AWS:UserName')}/x`)).toBe('home/ursula/x')
})

test('A variable without a value or a default is unresolved', () => {
  expect(resolved(variable('aws:PrincipalTag/team'))).toBeUndefined()
})

test('A default stands in for an absent key only', () => {
  expect(resolved(variable("aws:PrincipalTag/team, 'blue'"))).toBe('blue')
  expect(resolved(variable("aws:PrincipalTag/team,''"))).toBe('')
  expect(resolved(variable("aws:username, 'blue'"))).toBe('ursula')
  expect(resolved(variable("aws:PrincipalTag/empty, 'blue'"))).toBe('')
})

test('A multivalued key is no variable, not even with one value or a default', () => {
  expect(resolved(variable('aws:TagKeys'))).toBeUndefined()
  expect(resolved(variable("aws:TagKeys, 'x'"))).toBeUndefined()
})

test('A key given twice in different case is no variable', () => {
  expect(resolved(variable('aws:RequestTag/a'))).toBeUndefined()
})

test('What a variable stood for is text, also when it is a star', () => {
  const pattern = resolvePattern(
    readPattern(variable('aws:PrincipalTag/star'), true) ?? [],
    context,
  )
  expect(pattern).toEqual([{ kind: 'text', text: '*' }])
})

test('Malformed variables are seen where versions have variables', () => {
  for (const inside of ['', ' ', "a, b'", "a, 'b", "a,'b'c'", 'a{b', "a, 'b', 'c'", '**']) {
    expect(readPattern(variable(inside), true), inside).toBeUndefined()
    expect(readPattern(variable(inside), false)).toBeDefined()
  }
  expect(readPattern('a$' + '{b', true)).toBeUndefined()
})

test('A dollar without a brace is a dollar', () => {
  expect(resolved('a$b$')).toBe('a$b$')
})

test('The variables of a pattern are told by name', () => {
  const text = `${variable('a:b')}-${variable("c:d, 'x'")}-${variable('*')}`
  expect(variablesOf(readPattern(text, true) ?? [])).toEqual(['a:b', 'c:d'])
})
