// RetireGrant as callers see it; who may retire is grants/retiring.test.ts.
import {
  EncryptCommand,
  type KMSClient,
  RetireGrantCommand,
  type RetireGrantCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ROOT_B } from '../../../policy/testing/cast.ts'
import { addOtherAccount } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { NO_GRANT_ID, newGrant } from '../testing/grants.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let theirs: KMSClient
let key: StoredKey
let grant: { readonly id: string; readonly token: string }
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  theirs = server.kms({ credentials: await addOtherAccount(server) })
})
afterAll(() => server.close())
beforeEach(async () => {
  key = await newKey(kms)
  grant = await newGrant(kms, key, { RetiringPrincipal: ROOT_B })
})

function retire(input: RetireGrantCommandInput, client = theirs) {
  return client.send(new RetireGrantCommand(input))
}
const use = () => theirs.send(new EncryptCommand({ KeyId: key.arn, Plaintext: Buffer.from('x') }))

it.each<[string, () => RetireGrantCommandInput]>([
  ['its token', () => ({ GrantToken: grant.token })],
  ['the key’s ARN and its id', () => ({ KeyId: key.arn, GrantId: grant.id })],
])('RetireGrant ends a grant on another account’s key by %s', async (_, input) => {
  await use()
  await retire(input())
  expect((await refusalOf(use())).name).toBe('AccessDeniedException')
})

it('RetireGrant takes the key’s id of a key at home', async () => {
  await retire({ KeyId: key.id, GrantId: grant.id }, kms)
  expect((await refusalOf(use())).name).toBe('AccessDeniedException')
})

it('RetireGrant needs a token, or a key and a grant', async () => {
  const sentence = 'Specify either a grant token, or both a key and a grant ID.'
  for (const input of [
    {},
    { KeyId: key.arn },
    { GrantId: grant.id },
    { GrantToken: grant.token, KeyId: key.arn },
  ]) {
    expect(await refusalOf(retire(input))).toEqual(refusal('ValidationException', sentence))
  }
})

it('RetireGrant refuses what is no token and no grant', async () => {
  expect(await refusalOf(retire({ GrantToken: 't' }))).toEqual(
    refusal('InvalidGrantTokenException', 'The grant token is not valid.'),
  )
  const wrong = { KeyId: key.arn, GrantId: 'g' }
  expect((await refusalOf(retire(wrong))).name).toBe('InvalidGrantIdException')
  const missing = { KeyId: key.id, GrantId: NO_GRANT_ID }
  expect(await refusalOf(retire(missing, kms))).toEqual(
    refusal('NotFoundException', `Grant ID ${NO_GRANT_ID} not found`),
  )
  const noKey = { KeyId: NO_KEY_ID, GrantId: grant.id }
  expect((await refusalOf(retire(noKey, kms))).name).toBe('NotFoundException')
  const elsewhere = server.kms({ region: 'eu-west-1' })
  expect((await refusalOf(retire({ GrantToken: grant.token }, elsewhere))).name).toBe(
    'InvalidGrantTokenException',
  )
})

it('RetireGrant tells strangers nothing, and refuses them', async () => {
  const own = await newGrant(kms, key)
  const message = async (GrantId: string) =>
    (await refusalOf(retire({ KeyId: key.arn, GrantId }))).message
  expect(await message(own.id)).toContain('not authorized to perform: kms:RetireGrant')
  expect(await message(NO_GRANT_ID)).toContain('not authorized to perform: kms:RetireGrant')
})

it('RetireGrant takes a key in any state', async () => {
  await alterKey(server, key, { state: 'Disabled' })
  await retire({ GrantToken: grant.token })
})

it('RetireGrant as a dry run says that it would succeed, and retires nothing', async () => {
  const dry = retire({ GrantToken: grant.token, DryRun: true })
  expect((await refusalOf(dry)).name).toBe('DryRunOperationException')
  await use()
})

it('RetireGrant is recorded without the token', async () => {
  const record = await recordOf(server, retire({ GrantToken: grant.token }))
  expect(record).toMatchObject({
    eventName: 'RetireGrant',
    readOnly: false,
    requestParameters: null,
    resources: [{ ARN: key.arn }],
  })
  expect(JSON.stringify(record)).not.toContain(grant.token)
})
