// ListKeyPolicies as callers see it.
import {
  type KMSClient,
  ListKeyPoliciesCommand,
  type ListKeyPoliciesCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
})
afterAll(() => server.close())

function list(input: Partial<ListKeyPoliciesCommandInput> = {}) {
  return kms.send(new ListKeyPoliciesCommand({ KeyId: key.id, ...input }))
}

it.each([undefined, 1, 1000])(
  'ListKeyPolicies with the limit %s names the one policy',
  async (Limit) => {
    for (const KeyId of [key.id, key.arn]) {
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
    const other = await newKey(kms)
    await alterKey(server, other, { state })
    expect((await list({ KeyId: other.id })).PolicyNames).toEqual(['default'])
  },
)

it('ListKeyPolicies checks permission, then existence', async () => {
  const told = async (KeyId: string) => (await refusalOf(list({ KeyId }))).name
  const closed = await newKey(kms)
  await alterKey(server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  expect(await told(closed.id)).toBe('AccessDeniedException')
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
})

it('ListKeyPolicies is recorded with what was asked for', async () => {
  expect(await recordOf(server, list({ Limit: 3 }))).toMatchObject({
    eventName: 'ListKeyPolicies',
    readOnly: true,
    requestParameters: { keyId: key.id, limit: 3 },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
})
