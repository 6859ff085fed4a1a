// ListKeyPolicies as callers see it.
import { ListKeyPoliciesCommand, type ListKeyPoliciesCommandInput } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
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

function list(input: Partial<ListKeyPoliciesCommandInput> = {}) {
  return on.kms.send(new ListKeyPoliciesCommand({ KeyId: on.key.id, ...input }))
}

it.each([undefined, 1, 1000])(
  'ListKeyPolicies with the limit %s names the one policy',
  async (Limit) => {
    for (const KeyId of [on.key.id, on.key.arn]) {
      const { PolicyNames, Truncated, NextMarker } = await list({ KeyId, Limit })
      expect([PolicyNames, Truncated, NextMarker]).toEqual([['default'], false, undefined])
    }
  },
)

it('ListKeyPolicies refuses limits and markers beyond their bounds', async () => {
  expect((await refusalOf(list({ Limit: 0 }))).message).toContain('greater than or equal to 1')
  expect((await refusalOf(list({ Limit: 1001 }))).message).toContain('less than or equal to 1000')
  expect((await refusalOf(list({ Marker: '' }))).message).toContain('greater than or equal to 1')
  expect((await refusalOf(list({ Marker: 'm'.repeat(1025) }))).message).toContain('equal to 1024')
})

it('ListKeyPolicies refuses every marker, since it gives none', async () => {
  expect((await refusalOf(list({ Marker: 'x' }))).name).toBe('InvalidMarkerException')
})

it.each(['Disabled', 'PendingDeletion'])(
  'ListKeyPolicies takes a key that is %s',
  async (state) => {
    const other = await newKey(on.kms)
    await alterKey(on.server, other, { state })
    expect((await list({ KeyId: other.id })).PolicyNames).toEqual(['default'])
  },
)

it('ListKeyPolicies checks permission, then existence', async () => {
  const told = async (KeyId: string) => (await refusalOf(list({ KeyId }))).name
  const closed = await newKey(on.kms)
  await alterKey(on.server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  expect(await told(closed.id)).toBe('AccessDeniedException')
  expect(await told(FOREIGN)).toBe('AccessDeniedException')
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
})

it('ListKeyPolicies is recorded with what was asked for', async () => {
  expect(await recordOf(on.server, list({ Limit: 3 }))).toMatchObject({
    eventName: 'ListKeyPolicies',
    readOnly: true,
    requestParameters: { keyId: on.key.id, limit: 3 },
    responseElements: null,
    resources: [{ ARN: on.key.arn }],
  })
})
