// CreateAccessKey as callers see it; the secret is told once, and written nowhere.
import { type AccessKey, CreateAccessKeyCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { filesIn, search } from '../../../testing/secret-search.ts'
import { recordOf } from '../../kms/testing/recorded.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()
const whoIs = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
  iam.server.sts({ credentials }).send(new GetCallerIdentityCommand())

it('CreateAccessKey answers a key with which the user signs', async () => {
  await makeHolder(iam, 'user', 'alice')
  const { AccessKey } = await iam.call('CreateAccessKey', { UserName: 'alice' })
  expect(AccessKey).toEqual({
    UserName: 'alice',
    AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
    Status: 'Active',
    SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    CreateDate: expect.any(Date),
  })
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey
  expect((await whoIs({ accessKeyId, secretAccessKey })).Arn).toBe(arnOf('user/alice'))
})

it('CreateAccessKey without a name makes a key of who calls', async () => {
  const caller = await iam.user([['iam:*', '*']])
  const { AccessKey } = await iam.call('CreateAccessKey', {}, caller)
  expect(AccessKey.UserName).toMatch(/^caller-/)
  const root = await iam.call('CreateAccessKey')
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = root.AccessKey
  expect((await whoIs({ accessKeyId, secretAccessKey })).Arn).toBe(arnOf('root'))
})

it('CreateAccessKey makes two keys at most, also when asked at one moment', async () => {
  await makeHolder(iam, 'user', 'two')
  const all = await Promise.allSettled(
    [1, 2, 3, 4].map(() => iam.call('CreateAccessKey', { UserName: 'two' })),
  )
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  expect(await iam.refused('CreateAccessKey', { UserName: 'two' })).toBe(
    'LimitExceededException 409: Cannot exceed quota for AccessKeysPerUser: 2',
  )
})

it('The secret is in no record, no log and no file; the record names the key', async () => {
  await makeHolder(iam, 'user', 'secret')
  const answer = iam.server.iam().send(new CreateAccessKeyCommand({ UserName: 'secret' }))
  const AccessKey = (await answer).AccessKey as AccessKey
  const record = await recordOf(iam.server, answer)
  expect(record).toMatchObject({
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateAccessKey',
    awsRegion: 'us-east-1',
    readOnly: false,
    requestParameters: { userName: 'secret' },
    responseElements: { accessKey: { accessKeyId: AccessKey.AccessKeyId } },
  })
  const places = new Map([
    ...filesIn(iam.server.directory),
    ['the log', Buffer.from(iam.server.logged.join(''))],
  ])
  const secrets = new Map([['the secret', Buffer.from(AccessKey.SecretAccessKey as string)]])
  expect(search(places, secrets)).toEqual([])
})

it('CreateAccessKey needs iam:CreateAccessKey on the user, who must be there', async () => {
  await iam.needs('CreateAccessKey', await makeHolder(iam, 'user', 'needs'), [
    ['iam:CreateAccessKey', arnOf('user/needs')],
  ])
  expect(await iam.refused('CreateAccessKey', { UserName: 'none' })).toBe(
    'NoSuchEntityException 404: The user with name none cannot be found.',
  )
})
