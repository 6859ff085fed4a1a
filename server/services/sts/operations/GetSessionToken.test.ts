// GetSessionToken as users and the root user see it.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import {
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { recordOf } from '../../kms/testing/recorded.ts'
import { type People, peopleOf } from '../testing/people.ts'

let server: TestServer
let people: People
beforeAll(async () => {
  server = await testServer()
  people = peopleOf(server)
})
afterAll(() => server.close())

async function sessionOf(sts: ReturnType<TestServer['sts']>, DurationSeconds?: number) {
  const { Credentials } = await sts.send(new GetSessionTokenCommand({ DurationSeconds }))
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
  return {
    credentials: {
      accessKeyId: AccessKeyId as string,
      secretAccessKey: SecretAccessKey as string,
      sessionToken: SessionToken as string,
    },
    seconds: ((Expiration?.getTime() ?? 0) - Date.now()) / 1000,
  }
}

it('GetSessionToken lets a user act as before, without any permission for it', async () => {
  const list = { name: 'list', document: allowing('kms:ListKeys') }
  const alice = await people.user('alice', { inline: [list] })
  const { credentials, seconds } = await sessionOf(alice.sts)
  expect(Math.round(seconds / 60)).toBe(12 * 60)
  const { Arn } = await people.sts(credentials).send(new GetCallerIdentityCommand())
  expect(Arn).toBe('arn:aws:iam::111122223333:user/alice')
  const listed = server.kms({ credentials }).send(new ListKeysCommand())
  expect((await listed).Keys).toEqual([])
  expect(await recordOf(server, listed)).toMatchObject({
    userIdentity: {
      type: 'IAMUser',
      userName: 'alice',
      accessKeyId: credentials.accessKeyId,
      sessionContext: { attributes: { mfaAuthenticated: 'false' } },
    },
  })
})

it('GetSessionToken gives the root user an hour at most', async () => {
  const { credentials, seconds } = await sessionOf(server.sts(), 43_200)
  expect(Math.round(seconds / 60)).toBe(60)
  const { Arn } = await people.sts(credentials).send(new GetCallerIdentityCommand())
  expect(Arn).toBe('arn:aws:iam::111122223333:root')
  expect((await server.kms({ credentials }).send(new ListKeysCommand())).Keys).toEqual([])
})

it('GetSessionToken and GetFederationToken are refused to sessions', async () => {
  const sts = people.sts((await sessionOf(server.sts())).credentials)
  expect(await refusalOf(sts.send(new GetSessionTokenCommand()))).toMatchObject({
    name: 'AccessDenied',
    message: 'Cannot call GetSessionToken with session credentials',
  })
  expect(await refusalOf(sts.send(new GetFederationTokenCommand({ Name: 'fed' })))).toMatchObject({
    name: 'AccessDenied',
    message: 'Cannot call GetFederationToken with session credentials',
  })
})

it.each([
  [{ DurationSeconds: 899 }, 'ValidationError'],
  [{ DurationSeconds: 129_601 }, 'ValidationError'],
  [{ SerialNumber: 'GAHT12345678', TokenCode: '123456' }, 'AccessDenied'],
])('GetSessionToken refuses %j', async (input, name) => {
  expect(await refusalOf(server.sts().send(new GetSessionTokenCommand(input)))).toMatchObject({
    name,
  })
})
