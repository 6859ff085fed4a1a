// RemoveUserFromGroup as callers see it: the group's policies stop to bind the user at once.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('RemoveUserFromGroup takes away what the group gave, at once', async () => {
  const group = await makeHolder(iam, 'group', 'g')
  const user = await makeHolder(iam, 'user', 'u')
  const policy = { PolicyName: 'p', PolicyDocument: allowing('kms:ListKeys') }
  await iam.call('PutGroupPolicy', { ...group, ...policy })
  await iam.call('AddUserToGroup', { ...group, ...user })
  const credentials = await iam.keyOf('u')
  const list = () => iam.server.kms({ credentials }).send(new ListKeysCommand())
  expect((await list()).Keys).toEqual([])
  expect(await iam.call('RemoveUserFromGroup', { ...group, ...user })).toEqual({})
  expect(await refusalOf(list())).toMatchObject({ name: 'AccessDeniedException' })
  expect((await iam.call('GetGroup', group)).Users).toEqual([])
  expect(await iam.refused('RemoveUserFromGroup', { ...group, ...user })).toBe(
    'NoSuchEntityException 404: The user with name u is not in the group g.',
  )
})

it('RemoveUserFromGroup needs iam:RemoveUserFromGroup on the group', async () => {
  const member = {
    ...(await makeHolder(iam, 'group', 'needs')),
    ...(await makeHolder(iam, 'user', 'needs')),
  }
  await iam.call('AddUserToGroup', member)
  await iam.needs('RemoveUserFromGroup', member, [
    ['iam:RemoveUserFromGroup', arnOf('group/needs')],
  ])
})
