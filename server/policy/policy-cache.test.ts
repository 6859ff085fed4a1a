import { expect, test, vi } from 'vitest'
import { compilePolicyText } from './compiled-policy.ts'
import { policyCache } from './policy-cache.ts'

const text = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
const compile = () => compilePolicyText(text, 'identity', 'p')

test('A policy is compiled once for each of its versions', () => {
  const cache = policyCache(2)
  const compiling = vi.fn(compile)
  const first = cache.get('p', 1, compiling)
  expect(cache.get('p', 1, compiling)).toBe(first)
  expect(cache.get('p', 2, compiling)).not.toBe(first)
  expect(compiling).toHaveBeenCalledTimes(2)
})

test('An older version is compiled anew rather than taken for the one that is kept', () => {
  const cache = policyCache(2)
  const newer = cache.get('p', 2, compile)
  expect(cache.get('p', 1, compile)).not.toBe(newer)
})

test('The policy unused for longest gives way', () => {
  const cache = policyCache(2)
  const compiling = vi.fn(compile)
  cache.get('a', 1, compiling)
  cache.get('b', 1, compiling)
  cache.get('a', 1, compiling)
  cache.get('c', 1, compiling)
  cache.get('a', 1, compiling)
  expect(compiling).toHaveBeenCalledTimes(3)
  cache.get('b', 1, compiling)
  expect(compiling).toHaveBeenCalledTimes(4)
})

test('A forgotten policy is compiled anew', () => {
  const cache = policyCache(2)
  const first = cache.get('p', 1, compile)
  cache.forget('p')
  expect(cache.get('p', 1, compile)).not.toBe(first)
})

test('A policy that does not compile leaves nothing behind', () => {
  const cache = policyCache(2)
  const failing = () => compilePolicyText('{}', 'identity', 'p')
  expect(() => cache.get('p', 1, failing)).toThrow('a policy needs statements')
  expect(cache.get('p', 1, compile).name).toBe('p')
})

test('A compiled policy cannot be changed by those who share it', () => {
  const policy = compile()
  expect(Object.isFrozen(policy)).toBe(true)
  expect(Object.isFrozen(policy.allows)).toBe(true)
  expect(Object.isFrozen(policy.allows[0])).toBe(true)
  expect(Object.isFrozen(policy.allows[0]?.conditions)).toBe(true)
  expect(Object.isFrozen(policy.allows[0]?.reference)).toBe(true)
})
