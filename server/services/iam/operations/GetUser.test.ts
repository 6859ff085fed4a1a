// GetUser as callers see it.
import { expect, it } from 'vitest'
import { ACCOUNT, arnOf, iamServer } from '../testing/iam-server.ts'

const iam = iamServer()

it('GetUser answers the user of the name, whatever its case', async () => {
  await iam.call('CreateUser', { UserName: 'alice', Path: '/x/' })
  const { User } = await iam.call('GetUser', { UserName: 'ALICE' })
  expect([User.UserName, User.Arn, User.Tags]).toEqual(['alice', arnOf('user/x/alice'), undefined])
})

it('GetUser without a name answers who calls', async () => {
  const caller = await iam.user([['iam:GetUser', '*']])
  const { User } = await iam.call('GetUser', {}, caller)
  expect(User.UserName).toMatch(/^caller-\d+$/)
  const root = await iam.call('GetUser')
  expect(root.User).toMatchObject({ UserId: ACCOUNT, Arn: arnOf('root') })
})

it('GetUser needs iam:GetUser on the user, who must be there', async () => {
  await iam.call('CreateUser', { UserName: 'needs' })
  await iam.needs('GetUser', { UserName: 'needs' }, [['iam:GetUser', arnOf('user/needs')]])
  expect(await iam.refused('GetUser', { UserName: 'none' })).toBe(
    'NoSuchEntityException 404: The user with name none cannot be found.',
  )
  expect(await iam.refused('GetUser', { UserName: 'none' }, await iam.user([]))).toMatch(
    /^AccessDenied 403: .* on resource: arn:aws:iam::111122223333:user\/none because/,
  )
})
