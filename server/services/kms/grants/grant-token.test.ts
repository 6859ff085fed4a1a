// Grant tokens: only this server makes them, and none of them twice.
import { expect, it } from 'vitest'
import { newRootKey } from '../testing/stores.ts'
import type { Grant } from './grant.ts'
import { grantTokens } from './grant-token.ts'

const grant = {
  account: '111122223333',
  region: 'us-east-1',
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  id: 'ab'.repeat(32),
} as Grant

it('A grant token names its grant, and is another one every time', () => {
  const tokens = grantTokens(newRootKey())
  const [first, second] = [tokens.of(grant), tokens.of(grant)]
  expect(first).not.toBe(second)
  const { id: grantId, ...place } = grant
  for (const token of [first, second]) {
    expect(tokens.read(token)).toEqual({ ...place, grantId })
    expect(token.length).toBeLessThan(512)
  }
})

it('A grant token of which a letter was changed is none', () => {
  const tokens = grantTokens(newRootKey())
  const token = tokens.of(grant)
  for (let at = 0; at < token.length; at += 7) {
    const letter = token[at] === 'A' ? 'B' : 'A'
    expect(tokens.read(token.slice(0, at) + letter + token.slice(at + 1))).toBeUndefined()
  }
})

it('A grant token of another server is none, and neither is garbage', () => {
  const tokens = grantTokens(newRootKey())
  const foreign = grantTokens(newRootKey()).of(grant)
  for (const text of [foreign, '', 't', '\u0000', 'A'.repeat(8192), `${tokens.of(grant)}AAAA`]) {
    expect(tokens.read(text)).toBeUndefined()
  }
})
