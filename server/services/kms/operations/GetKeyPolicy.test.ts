// GetKeyPolicy as callers see it.
import { GetKeyPolicyCommand, type GetKeyPolicyCommandInput } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { recordOf } from '../testing/recorded.ts'
import { serverWithKey } from '../testing/server-with-key.ts'
import {
  alterKey,
  FOREIGN,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
} from '../testing/stored-key.ts'

const on = serverWithKey()

function get(input: Partial<GetKeyPolicyCommandInput> = {}) {
  return on.kms.send(new GetKeyPolicyCommand({ KeyId: on.key.id, ...input }))
}

it('GetKeyPolicy gives the policy under which a key was made', async () => {
  const { Policy, PolicyName } = await get()
  expect(PolicyName).toBe('default')
  expect(JSON.parse(Policy ?? '')).toEqual({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  })
})

it('GetKeyPolicy takes the name of the one policy and the ARN of the key', async () => {
  expect(await get({ KeyId: on.key.arn, PolicyName: 'default' })).toMatchObject({
    PolicyName: 'default',
  })
})

it.each(['other', 'Default', 'd', 'd'.repeat(128)])(
  "GetKeyPolicy knows no policy '%s'",
  async (PolicyName) => {
    expect(await refusalOf(get({ PolicyName }))).toEqual(
      refusal('NotFoundException', 'No such policy exists'),
    )
  },
)

it.each([
  ['', 'Member must have length greater than or equal to 1'],
  ['d'.repeat(129), 'Member must have length less than or equal to 128'],
  ['a b', 'Member must satisfy regular expression pattern: [\\w]+'],
  ['default\n', 'Member must satisfy regular expression pattern: [\\w]+'],
])('GetKeyPolicy refuses a name beyond the limits (%#)', async (PolicyName, sentence) => {
  expect(await refusalOf(get({ PolicyName }))).toEqual(
    invalid(`Value '${PolicyName}' at 'policyName' failed to satisfy constraint: ${sentence}`),
  )
})

it.each(['Disabled', 'PendingDeletion'])('GetKeyPolicy takes a key that is %s', async (state) => {
  const other = await newKey(on.kms)
  await alterKey(on.server, other, { state })
  expect((await get({ KeyId: other.id })).PolicyName).toBe('default')
})

it('GetKeyPolicy checks permission, then existence, then the name', async () => {
  const told = async (KeyId: string) =>
    (await refusalOf(get({ KeyId, PolicyName: 'other' }))).message
  const closed = await newKey(on.kms)
  await alterKey(on.server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  expect(await told(closed.id)).toContain(
    `is not authorized to perform: kms:GetKeyPolicy on resource: ${closed.arn}`,
  )
  expect(await told(FOREIGN)).toContain('is not authorized to perform: kms:GetKeyPolicy')
  expect(await told(NO_KEY_ID)).toContain('does not exist')
})

it('GetKeyPolicy is recorded without the policy', async () => {
  expect(await recordOf(on.server, get({ PolicyName: 'default' }))).toMatchObject({
    eventName: 'GetKeyPolicy',
    readOnly: true,
    requestParameters: { keyId: on.key.id, policyName: 'default' },
    responseElements: null,
    resources: [{ ARN: on.key.arn }],
  })
})
