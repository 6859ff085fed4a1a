// RevokeGrant as callers see it.
import {
  EncryptCommand,
  type KMSClient,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  type RevokeGrantCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { allow, policy, ROOT_A, ROOT_B, to } from '../../../policy/testing/cast.ts'
import { addOtherAccount } from '../../../testing/other-account.ts'
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
let grantId: string
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  theirs = server.kms({ credentials: await addOtherAccount(server) })
})
afterAll(() => server.close())
beforeEach(async () => {
  key = await newKey(kms)
  grantId = (await newGrant(kms, key)).id
})

function revoke(input: Partial<RevokeGrantCommandInput> = {}, client = kms) {
  return client.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: grantId, ...input }))
}
const use = () => theirs.send(new EncryptCommand({ KeyId: key.arn, Plaintext: Buffer.from('x') }))

it('RevokeGrant ends what the grant allowed, at once', async () => {
  await use()
  await revoke()
  expect((await refusalOf(use())).name).toBe('AccessDeniedException')
  expect((await kms.send(new ListGrantsCommand({ KeyId: key.id }))).Grants).toEqual([])
})

it('RevokeGrant ends one grant and no other', async () => {
  await newGrant(kms, key)
  await revoke()
  await use()
})

it('RevokeGrant finds no grant that is gone, of another key, or no grant at all', async () => {
  const other = await newGrant(kms, await newKey(kms))
  await revoke()
  for (const id of [grantId, other.id, NO_GRANT_ID]) {
    expect(await refusalOf(revoke({ GrantId: id }))).toEqual(
      refusal('NotFoundException', `Grant ID ${id} not found`),
    )
  }
  expect((await refusalOf(revoke({ GrantId: 'g' }))).name).toBe('InvalidGrantIdException')
  expect((await refusalOf(revoke({ KeyId: NO_KEY_ID }))).name).toBe('NotFoundException')
})

it('RevokeGrant is not for its grantee, and for other accounts where the key policy lets them', async () => {
  const foreign = { KeyId: key.arn }
  expect((await refusalOf(revoke(foreign, theirs))).name).toBe('AccessDeniedException')
  // Who may not revoke does not hear whether there is such a grant.
  const none = revoke({ ...foreign, GrantId: NO_GRANT_ID }, theirs)
  expect((await refusalOf(none)).name).toBe('AccessDeniedException')
  const Policy = JSON.stringify(policy(allow('kms:*', to(ROOT_A, ROOT_B))))
  await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }))
  await revoke(foreign, theirs)
})

it('RevokeGrant takes a key in any state, where its policy lets the caller', async () => {
  await alterKey(server, key, { state: 'PendingDeletion' })
  await revoke()
  grantId = NO_GRANT_ID
  await alterKey(server, key, { policy: POLICY_WITHOUT_DELEGATION })
  expect((await refusalOf(revoke())).name).toBe('AccessDeniedException')
})

it('RevokeGrant as a dry run says that it would succeed, and revokes nothing', async () => {
  expect((await refusalOf(revoke({ DryRun: true }))).name).toBe('DryRunOperationException')
  const none = revoke({ DryRun: true, GrantId: NO_GRANT_ID })
  expect((await refusalOf(none)).name).toBe('NotFoundException')
  await use()
})

it('RevokeGrant is recorded', async () => {
  expect(await recordOf(server, revoke())).toMatchObject({
    eventName: 'RevokeGrant',
    readOnly: false,
    requestParameters: { keyId: key.id, grantId },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
})
