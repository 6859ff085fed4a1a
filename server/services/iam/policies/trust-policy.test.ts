// Trust policies: kept by unique ids, shown by ARNs.
import { describe, expect, it } from 'vitest'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { shownTrustPolicy, storedTrustPolicy } from './trust-policy.ts'

const ROLE = 'arn:aws:iam::111122223333:role/x/App'
const USER = 'arn:aws:iam::111122223333:user/alice'
const ROOT = 'arn:aws:iam::111122223333:root'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/App/one'
const IDS: Record<string, string> = {
  [ROLE]: 'AROAEXAMPLEEXAMPLE222',
  [USER]: 'AIDAEXAMPLEEXAMPLE222',
  [ROOT]: '111122223333',
  [SESSION]: 'AROAEXAMPLEEXAMPLE222:one',
}
const principals = {
  findPrincipalId: (arn: string) => IDS[arn],
  findPrincipalArn: (id: string) =>
    Object.keys(IDS).find((arn) => IDS[arn] === id && arn.includes('/')),
}

const trusting = (principal: unknown, element = 'Principal') =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: element === 'Principal' ? 'Allow' : 'Deny',
      [element]: principal,
      Action: 'sts:AssumeRole',
    },
  })

describe('A trust policy', () => {
  it.each<[string, unknown, unknown]>([
    ['a user', { AWS: USER }, { AWS: 'AIDAEXAMPLEEXAMPLE222' }],
    ['several', { AWS: [ROLE, USER] }, { AWS: ['AROAEXAMPLEEXAMPLE222', 'AIDAEXAMPLEEXAMPLE222'] }],
    ['a session of a role', { AWS: SESSION }, { AWS: 'AROAEXAMPLEEXAMPLE222:one' }],
    ['an account by its ARN', { AWS: ROOT }, { AWS: ROOT }],
    ['an account by its number', { AWS: '111122223333' }, { AWS: ROOT }],
    ['everyone', '*', '*'],
    ['a service', { Service: 'ec2.amazonaws.com' }, { Service: 'ec2.amazonaws.com' }],
  ])('keeps %s', async (_what, given, kept) => {
    for (const element of given === '*' ? ['Principal'] : ['Principal', 'NotPrincipal']) {
      const stored = await storedTrustPolicy(trusting(given, element), principals)
      expect(stored).toBe(trusting(kept, element))
    }
  })

  it('is shown as it was given, without its white space', async () => {
    const given = JSON.stringify(JSON.parse(trusting({ AWS: [ROLE, USER, SESSION] })), null, 2)
    const stored = await storedTrustPolicy(given, principals)
    expect(await shownTrustPolicy(stored, principals)).toBe(
      trusting({ AWS: [ROLE, USER, SESSION] }),
    )
  })

  it('shows the unique id of who is gone, and takes it back only while its owner is there', async () => {
    const gone = trusting({ AWS: 'AIDAGONEGONEGONEGONE2' })
    expect(await shownTrustPolicy(gone, principals)).toBe(gone)
    await expect(storedTrustPolicy(gone, principals)).rejects.toThrow(MalformedPolicyError)
    const there = trusting({ AWS: 'AIDAEXAMPLEEXAMPLE222' })
    expect(await storedTrustPolicy(there, principals)).toBe(there)
  })

  it.each([
    'arn:aws:iam::111122223333:role/None',
    'arn:aws:sts::111122223333:assumed-role/None/one',
    '999999999999',
    'arn:aws:iam::999999999999:root',
  ])('that names %s, who does not exist, is refused in AWS’s words', async (name) => {
    await expect(storedTrustPolicy(trusting({ AWS: name }), principals)).rejects.toThrow(
      `Invalid principal in policy: "AWS":"${name}"`,
    )
  })

  it('leaves alone what looks like a principal elsewhere', async () => {
    const text = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:PrincipalArn': ROLE, 'aws:PrincipalTag/__proto__': USER },
          },
        },
      ],
    })
    expect(await storedTrustPolicy(text, principals)).toBe(text)
  })
})
