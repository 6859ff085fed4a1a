// A key that nobody can administer any more, and the operator's way out.
import { CreateKeyCommand, DescribeKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allow, policy, ROOT_A, to } from '../policy/testing/cast.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'
import { refusalOf } from '../testing/refusal.ts'

let server: OperatedServer
beforeAll(async () => {
  server = await operatedServer()
  await server.serving
})
afterAll(() => server.close())

it('RecoverKeyPolicy gives a locked key back to its account, confirmed and on both records', async () => {
  const kms = server.kms(0)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand())
  const KeyArn = KeyMetadata?.Arn as string
  const Policy = JSON.stringify(policy(allow('kms:GetKeyPolicy', to(ROOT_A))))
  const locked = { KeyId: KeyArn, Policy, BypassPolicyLockoutSafetyCheck: true }
  await kms.send(new PutKeyPolicyCommand(locked))
  const use = () => server.kms(1).send(new DescribeKeyCommand({ KeyId: KeyArn }))
  expect((await refusalOf(use())).name).toBe('AccessDeniedException')
  const unconfirmed = await server.operator('RecoverKeyPolicy', { KeyArn, Confirm: false })
  expect([unconfirmed.status, unconfirmed.body.__type]).toEqual([400, 'NotConfirmedException'])
  expect((await refusalOf(use())).name).toBe('AccessDeniedException')
  const done = await server.operator('RecoverKeyPolicy', { KeyArn, Confirm: true })
  expect([done.status, done.body.KeyArn]).toEqual([200, KeyArn])
  await use()
  const records = (await server.records()).filter(({ requestID }) => requestID === done.requestId)
  expect(records.map(({ recipientAccountId }) => recipientAccountId).sort()).toEqual([
    '000000000000',
    '111122223333',
  ])
  expect(new Set(records.map(({ sharedEventID }) => sharedEventID)).size).toBe(1)
})

it('RecoverKeyPolicy knows no key that is not there, and no alias', async () => {
  for (const id of ['key/00000000-1111-4222-8333-444444444444', 'alias/a']) {
    const KeyArn = `arn:aws:kms:us-east-1:111122223333:${id}`
    const { status, body } = await server.operator('RecoverKeyPolicy', { KeyArn, Confirm: true })
    expect([status, body.__type]).toEqual([400, 'NoSuchKeyException'])
  }
})
