// GetAccessKeyInfo: which account an access key belongs to.
import { GetAccessKeyInfoCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { newAccessKeyId } from '../../iam/entities/unique-id.ts'
import { peopleOf } from '../testing/people.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

const accountOf = async (AccessKeyId: string | undefined, sts = server.sts()) =>
  (await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account

it('GetAccessKeyInfo tells the account of keys of every kind, of other accounts too', async () => {
  const other = await addOtherAccount(server)
  const { Credentials } = await server.sts().send(new GetSessionTokenCommand())
  expect(await accountOf(server.credentials.accessKeyId)).toBe('111122223333')
  expect(await accountOf(other.accessKeyId)).toBe(OTHER_ACCOUNT)
  expect(await accountOf(Credentials?.AccessKeyId)).toBe('111122223333')
  // A key that was deleted still tells.
  expect(await accountOf(newAccessKeyId(OTHER_ACCOUNT))).toBe(OTHER_ACCOUNT)
})

it('GetAccessKeyInfo refuses what is no access key here', async () => {
  for (const id of [newAccessKeyId('999999999999'), 'NOKEYATALLBUTLONG']) {
    expect(await refusalOf(accountOf(id))).toMatchObject({ name: 'ValidationError' })
  }
})

it('GetAccessKeyInfo needs its permission', async () => {
  const bob = await peopleOf(server).user('bob')
  expect(await refusalOf(accountOf(bob.credentials.accessKeyId, bob.sts))).toMatchObject({
    name: 'AccessDenied',
  })
})
