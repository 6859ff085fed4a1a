// PutKeyPolicy as callers see it; whom a policy may name is keys/new-key-policy.test.ts.
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  type PutKeyPolicyCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ALL_KMS, allow, policy, to } from '../../../policy/testing/cast.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'

const ROOT = 'arn:aws:iam::111122223333:root'
const DELEGATION = JSON.stringify(policy(allow('kms:*', to(ROOT))))

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  await addOtherAccount(server)
})
afterAll(() => server.close())
beforeEach(async () => {
  key = await newKey(kms)
})

function put(input: Partial<PutKeyPolicyCommandInput> = {}) {
  return kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: DELEGATION, ...input }))
}

async function shown(): Promise<string | undefined> {
  return (await kms.send(new GetKeyPolicyCommand({ KeyId: key.id }))).Policy
}

it('PutKeyPolicy answers with an empty body and changes what GetKeyPolicy tells', async () => {
  const body = JSON.stringify({ KeyId: key.arn, PolicyName: 'default', Policy: DELEGATION })
  const answer = await sendSigned(server, 'PutKeyPolicy', body)
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect(await shown()).toBe(DELEGATION)
})

it('PutKeyPolicy decides from the next call on', async () => {
  const some = policy(allow(['kms:PutKeyPolicy', 'kms:GetKeyPolicy'], to(ROOT)))
  await put({ Policy: JSON.stringify(some) })
  const described = kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect((await refusalOf(described)).message).toContain('because no resource-based policy allows')
  await put()
  await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
})

it.each<[string, string, RegExp]>([
  ['no JSON', '{"Version"', /^The policy document is malformed: |^Malformed policy document/],
  ['an element twice', DELEGATION.replace('"Effect"', '"Effect":"Deny","Effect"'), /Effect/],
  ['no Effect', DELEGATION.replace('"Effect":"Allow",', ''), /Statement\[0\].*Effect/],
  ['an unknown element', DELEGATION.replace('"Action"', '"Actions"'), /Statement\[0\]\.Actions/],
  [
    'a statement without principal',
    JSON.stringify(ALL_KMS),
    /^Policy contains a statement with no principal\.$/,
  ],
  [
    'no principal in the list',
    JSON.stringify(policy(allow('kms:*', to()))),
    /^Policy contains a statement with no principal\.$/,
  ],
  [
    'an account that does not exist',
    JSON.stringify(policy(allow('kms:*', to(ROOT, 'arn:aws:iam::999999999999:root')))),
    /^Policy contains a statement with one or more invalid principals\.$/,
  ],
  [
    'only another account',
    JSON.stringify(policy(allow('kms:*', to(OTHER_ACCOUNT)))),
    /^The new key policy will not allow you to update the key policy in the future\.$/,
  ],
])('PutKeyPolicy refuses a document with %s', async (_, Policy, message) => {
  const before = await shown()
  const refused = await refusalOf(put({ Policy }))
  expect([refused.name, refused.status]).toEqual(['MalformedPolicyDocumentException', 400])
  expect(refused.message).toMatch(message)
  expect(await shown()).toBe(before)
})

it('PutKeyPolicy takes 32768 bytes and no more', async () => {
  const padded = (bytes: number) => DELEGATION + ' '.repeat(bytes - DELEGATION.length)
  await put({ Policy: padded(32_768) })
  expect(await refusalOf(put({ Policy: padded(32_769) }))).toEqual(
    refusal('LimitExceededException', 'A key policy document cannot exceed 32768 bytes.'),
  )
  // Bytes are counted, not characters.
  const accents = DELEGATION.replace('{', `{"Id":"${'é'.repeat(16_400)}",`)
  expect((await refusalOf(put({ Policy: accents }))).name).toBe('LimitExceededException')
})

it('PutKeyPolicy takes statements that have no effect, and other accounts', async () => {
  const statement = { Effect: 'Deny', Principal: '*' }
  await put({ Policy: JSON.stringify(policy(statement, allow('kms:*', to(ROOT, OTHER_ACCOUNT)))) })
})

it('PutKeyPolicy refuses characters and names beyond the limits', async () => {
  const wide = DELEGATION.replace('{', '{"Id":"\u0100",')
  expect((await refusalOf(put({ Policy: wide }))).message).toMatch(
    /failed to satisfy constraint: Member must satisfy regular expression pattern: \[\\u0009/,
  )
  expect(await refusalOf(put({ PolicyName: '' }))).toEqual(
    invalid(
      "Value '' at 'policyName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  )
  expect(await refusalOf(put({ PolicyName: 'other' }))).toEqual(
    refusal('NotFoundException', 'No such policy exists'),
  )
})

it.each(['Disabled', 'PendingDeletion'])('PutKeyPolicy takes a key that is %s', async (state) => {
  await alterKey(server, key, { state })
  await put()
  expect(await shown()).toBe(DELEGATION)
})

it('PutKeyPolicy is not for keys of other accounts, missing ones, and those who may not', async () => {
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${key.id}`
  expect((await refusalOf(put({ KeyId: foreign }))).name).toBe('AccessDeniedException')
  expect((await refusalOf(put({ KeyId: NO_KEY_ID }))).name).toBe('NotFoundException')
  expect((await refusalOf(put({ KeyId: 'arn:aws:kms:x' }))).name).toBe('InvalidArnException')
  await alterKey(server, key, { policy: POLICY_WITHOUT_DELEGATION })
  // Whether the document is one is not looked at before that.
  expect((await refusalOf(put({ Policy: '{' }))).name).toBe('AccessDeniedException')
})

it('PutKeyPolicy is recorded with the document', async () => {
  expect(await recordOf(server, put({ BypassPolicyLockoutSafetyCheck: true }))).toMatchObject({
    eventName: 'PutKeyPolicy',
    readOnly: false,
    requestParameters: {
      keyId: key.id,
      policy: DELEGATION,
      bypassPolicyLockoutSafetyCheck: true,
    },
    responseElements: { keyId: key.arn },
    resources: [{ ARN: key.arn }],
  })
})
