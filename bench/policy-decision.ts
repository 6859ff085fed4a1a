// Microseconds per policy decision: a Decrypt against a key policy and nine identity policies of ten
// statements each, compiled once and kept in the cache. Prints the median of several rounds.
// Run: node bench/policy-decision.ts

import type { AuthorizationRequest } from '../server/policy/authorization-request.ts'
import { authorize } from '../server/policy/authorize.ts'
import { compilePolicyText } from '../server/policy/compiled-policy.ts'
import { contextOf } from '../server/policy/context.ts'
import { policyCache } from '../server/policy/policy-cache.ts'
import type { Principal } from '../server/policy/principal.ts'
import { principalKeys } from '../server/policy/principal.ts'

const TARGET_MICROSECONDS = 20
const ROUNDS = 7
const DECISIONS = 20_000
const ACCOUNT = '111122223333'
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

const principal: Principal = {
  kind: 'role-session',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/session`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/app/reader`,
  roleId: 'AROAREADER0000000001',
  sessionName: 'session',
  role: 'customer',
}

/** Nine statements that come close to matching, and one that allows in the last policy only. */
function statements(policy: number, isKeyPolicy: boolean): object[] {
  return Array.from({ length: 10 }, (_, index) => ({
    Sid: `P${policy}S${index}`,
    Effect: index % 4 === 3 ? 'Deny' : 'Allow',
    ...(isKeyPolicy && { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }),
    Action: index % 2 === 0 ? ['kms:Decrypt', 'kms:GenerateDataKey*', 's3:Get*'] : 'kms:*',
    Resource: isKeyPolicy || (policy === 9 && index === 8) ? '*' : `${KEY.slice(0, -1)}${index}`,
    Condition: {
      StringLike: { 'kms:EncryptionContext:tenant': [`t${index}-*`, 'blue-*-1'] },
      ...(index % 4 === 3 && { Bool: { 'aws:SecureTransport': 'false' } }),
    },
  }))
}

const cache = policyCache(100)
const texts = Array.from({ length: 10 }, (_, policy) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements(policy, policy === 0) }),
)
const compiled = (index: number) =>
  cache.get(`policy-${index}`, 1, () =>
    compilePolicyText(texts[index] ?? '', index === 0 ? 'key' : 'identity', `policy-${index}`),
  )

function request(): AuthorizationRequest {
  return {
    principal,
    policies: {
      identity: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(compiled),
      boundary: undefined,
      session: undefined,
      serviceControl: undefined,
      endpoint: undefined,
    },
    demand: {
      action: 'kms:Decrypt',
      resource: KEY,
      account: ACCOUNT,
      authority: 'delegation',
      policy: compiled(0),
      grants: [],
      resourceControl: undefined,
      context: contextOf([
        ...principalKeys(principal),
        ['aws:SecureTransport', 'true'],
        ['kms:EncryptionContext:tenant', 'blue-0-1'],
        ['kms:EncryptionContextKeys', ['tenant']],
      ]),
    },
  }
}

function measure(make: () => AuthorizationRequest): number {
  const begun = process.hrtime.bigint()
  for (let count = 0; count < DECISIONS; count++) {
    if (!authorize(make()).allowed) throw new Error('the bench expects an allow')
  }
  return Number(process.hrtime.bigint() - begun) / 1000 / DECISIONS
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((first, second) => first - second)[numbers.length >> 1] ?? Number.NaN
}

const ready = request()
measure(request)
const decisions = median(Array.from({ length: ROUNDS }, () => measure(() => ready)))
const whole = median(Array.from({ length: ROUNDS }, () => measure(request)))
process.stdout.write(
  `${decisions.toFixed(2)} us per decision over 10 policies of 10 statements (target: under ` +
    `${TARGET_MICROSECONDS})\n${whole.toFixed(2)} us with the request context made anew each time\n`,
)
if (decisions > TARGET_MICROSECONDS) process.exitCode = 1
