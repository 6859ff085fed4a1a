// ListGrants as callers see it.
import { type KMSClient, ListGrantsCommand, type ListGrantsCommandInput } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ROOT_A, ROOT_B } from '../../../policy/testing/cast.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { NO_GRANT_ID, newGrant } from '../testing/grants.ts'
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
let theirs: KMSClient
let key: StoredKey
const ids: string[] = []
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  theirs = server.kms({ credentials: await addOtherAccount(server) })
  key = await newKey(kms)
  ids.push(
    (
      await newGrant(kms, key, {
        Name: 'full',
        RetiringPrincipal: ROOT_A,
        Operations: ['DescribeKey', 'Encrypt'],
        Constraints: {
          EncryptionContextEquals: { a: '1' },
          SourceArn: 'arn:aws:s3:::a-bucket-of-somebody',
        },
      })
    ).id,
  )
  ids.push((await newGrant(kms, key, { GranteePrincipal: ROOT_A })).id)
  ids.push(
    (
      await newGrant(kms, key, {
        GranteePrincipal: undefined,
        GranteeServicePrincipal: 'rds.amazonaws.com',
        RetiringServicePrincipal: 'rds.amazonaws.com',
        Constraints: { SourceArn: 'arn:aws:rds:us-east-1:1:db:a' },
      })
    ).id,
  )
})
afterAll(() => server.close())

function list(input: Partial<ListGrantsCommandInput> = {}) {
  return kms.send(new ListGrantsCommand({ KeyId: key.id, ...input }))
}
const idsOf = async (input: Partial<ListGrantsCommandInput>) =>
  ((await list(input)).Grants ?? []).map(({ GrantId }) => GrantId)

it('ListGrants tells everything about a grant but its token', async () => {
  const { Grants, Truncated, NextMarker } = await list()
  expect([Truncated, NextMarker]).toEqual([false, undefined])
  expect(Grants?.find(({ Name }) => Name === 'full')).toEqual({
    KeyId: key.arn,
    GrantId: ids[0],
    Name: 'full',
    CreationDate: expect.any(Date),
    GranteePrincipal: ROOT_B,
    RetiringPrincipal: ROOT_A,
    IssuingAccount: ROOT_A,
    Operations: ['DescribeKey', 'Encrypt'],
    Constraints: {
      EncryptionContextEquals: { a: '1' },
      SourceArn: 'arn:aws:s3:::a-bucket-of-somebody',
    },
  })
  expect(Grants?.find(({ GrantId }) => GrantId === ids[2])).toMatchObject({
    GranteePrincipal: 'rds.amazonaws.com',
    GranteeServicePrincipal: 'rds.amazonaws.com',
    RetiringServicePrincipal: 'rds.amazonaws.com',
  })
})

it('ListGrants filters by id and by grantee', async () => {
  expect((await idsOf({})).sort()).toEqual([...ids].sort())
  expect(await idsOf({ GrantId: ids[1] })).toEqual([ids[1]])
  expect(await idsOf({ GrantId: NO_GRANT_ID })).toEqual([])
  expect(await idsOf({ GranteePrincipal: ROOT_B })).toEqual([ids[0]])
  expect(await idsOf({ GranteePrincipal: OTHER_ACCOUNT })).toEqual([ids[0]])
  expect(await idsOf({ GranteePrincipal: ROOT_B, GrantId: ids[1] })).toEqual([])
  expect(await idsOf({ GranteePrincipal: 'AIDAGONE000000000001' })).toEqual([])
})

it('ListGrants gives page after page', async () => {
  const first = await list({ Limit: 2 })
  expect([first.Grants?.length, first.Truncated]).toEqual([2, true])
  const second = await list({ Limit: 2, Marker: first.NextMarker })
  expect([second.Grants?.length, second.Truncated]).toEqual([1, false])
  const found = [...(first.Grants ?? []), ...(second.Grants ?? [])].map(({ GrantId }) => GrantId)
  expect(found).toEqual([...ids].sort())
  expect((await refusalOf(list({ Marker: 'm' }))).name).toBe('InvalidMarkerException')
})

it('ListGrants refuses what is no grant id, no principal, or not for callers like this', async () => {
  expect((await refusalOf(list({ GrantId: 'g' }))).name).toBe('InvalidGrantIdException')
  const nobody = 'arn:aws:iam::111122223333:user/nobody'
  expect((await refusalOf(list({ GranteePrincipal: nobody }))).name).toBe('InvalidArnException')
  expect(await refusalOf(list({ GranteeServicePrincipal: 'rds.amazonaws.com' }))).toEqual(
    refusal(
      'ValidationException',
      'GranteeServicePrincipal is usable only by callers in a service principal.',
    ),
  )
})

it('ListGrants is for other accounts that the key policy lets, and takes any state', async () => {
  const other = theirs.send(new ListGrantsCommand({ KeyId: key.arn }))
  expect((await refusalOf(other)).name).toBe('AccessDeniedException')
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  expect((await list({ KeyId: disabled.id })).Grants).toEqual([])
  expect((await refusalOf(list({ KeyId: NO_KEY_ID }))).name).toBe('NotFoundException')
  await alterKey(server, disabled, { policy: POLICY_WITHOUT_DELEGATION })
  expect((await refusalOf(list({ KeyId: disabled.id }))).name).toBe('AccessDeniedException')
})

it('ListGrants is recorded', async () => {
  expect(await recordOf(server, list({ GranteePrincipal: ROOT_B }))).toMatchObject({
    eventName: 'ListGrants',
    readOnly: true,
    requestParameters: { keyId: key.id, granteePrincipal: ROOT_B },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
})
