// Session tokens: whole or nothing, and only with their own access key.
import { describe, expect, it } from 'vitest'
import type { SessionFacts, TemporaryCredentials } from '../../../contract/session.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import { sessionTokens } from './session-token.ts'

const FACTS: SessionFacts = {
  kind: 'role',
  account: '111122223333',
  principalId: 'AROAEXAMPLEEXAMPLE123',
  name: 'session-1',
  policy: '{"Version":"2012-10-17","Statement":[]}',
  policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  tags: [['Team', 'blue ✓']],
  transitiveTagKeys: ['Team'],
  sourceIdentity: 'alice',
  mfaAuthenticated: true,
  federatedProvider: undefined,
  createdAtMs: 1_700_000_000_000,
  expiresAtMs: 1_700_000_900_000,
}

const newKey = (generation = 1) => ({ generation, key: secretKey(randomBytes(32)) })

describe('A session token', () => {
  const key = newKey()
  const tokens = sessionTokens(key)
  const issue = (facts = FACTS) => tokens.issue(facts) as TemporaryCredentials

  it('stands for what it was issued for, in every process with the same key', () => {
    const { accessKeyId, secretAccessKey, sessionToken } = issue()
    expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    expect(secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/)
    for (const process of [tokens, sessionTokens(key)]) {
      const opened = process.open(accessKeyId, sessionToken)
      expect(opened?.facts).toEqual(JSON.parse(JSON.stringify(FACTS)))
      expect(opened?.signingSecret.export().toString()).toBe(`AWS4${secretAccessKey}`)
    }
  })

  it('tells nothing of what it stands for', () => {
    const { sessionToken, secretAccessKey } = issue()
    const bytes = Buffer.from(sessionToken, 'base64').toString('latin1')
    for (const text of [secretAccessKey, FACTS.principalId, FACTS.name, 'alice']) {
      expect(bytes).not.toContain(text)
    }
    expect(issue().sessionToken).not.toBe(sessionToken)
  })

  it('is nothing with another access key, also once it was opened with its own', () => {
    const [mine, other] = [issue(), issue()]
    expect(tokens.open(other.accessKeyId, mine.sessionToken)).toBeUndefined()
    expect(tokens.open(mine.accessKeyId, mine.sessionToken)).toBeDefined()
    expect(tokens.open(other.accessKeyId, mine.sessionToken)).toBeUndefined()
  })

  it('is nothing with a byte changed, wherever that is', () => {
    const { accessKeyId, sessionToken } = issue()
    const bytes = Buffer.from(sessionToken, 'base64')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      expect(tokens.open(accessKeyId, changed.toString('base64')), `byte ${at}`).toBeUndefined()
    }
  })

  it('is nothing in another installation, nor under another generation of the key', () => {
    const { accessKeyId, sessionToken } = issue()
    expect(sessionTokens(newKey()).open(accessKeyId, sessionToken)).toBeUndefined()
    const later = sessionTokens({ ...key, generation: 2 })
    expect(later.open(accessKeyId, sessionToken)).toBeUndefined()
  })

  it.each([
    '',
    'AQ==',
    'no base64!',
    'A'.repeat(8193),
    Buffer.from([1, 0, 0, 0, 1]).toString('base64'),
    `${Buffer.from([1, 0, 0, 0, 1]).toString('base64')}${'A'.repeat(60)}`,
  ])('that nobody issued is nothing: %s', (token) => {
    expect(tokens.open('ASIAAAAAAAAAAAAAAAAA', token)).toBeUndefined()
  })

  it('is not issued where it would be longer than headers may be', () => {
    const policy = randomBytes(8 * 1024).toString('base64')
    expect(tokens.issue({ ...FACTS, policy })).toBeUndefined()
  })
})
