// AddUserToGroup as callers see it: the group's policies bind the user at once.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('AddUserToGroup gives the user what the group has, at once, also twice', async () => {
  const group = await makeHolder(iam, 'group', 'g')
  const user = await makeHolder(iam, 'user', 'u')
  const policy = { PolicyName: 'p', PolicyDocument: allowing('kms:ListKeys') }
  await iam.call('PutGroupPolicy', { ...group, ...policy })
  const credentials = await iam.keyOf('u')
  const list = () => iam.server.kms({ credentials }).send(new ListKeysCommand())
  expect(await refusalOf(list())).toMatchObject({ name: 'AccessDeniedException' })
  for (let twice = 0; twice < 2; twice++) {
    expect(await iam.call('AddUserToGroup', { ...group, ...user })).toEqual({})
  }
  expect((await list()).Keys).toEqual([])
  expect((await iam.call('ListGroupsForUser', user)).Groups).toHaveLength(1)
})

it('AddUserToGroup puts a user into ten groups at most', async () => {
  const user = await makeHolder(iam, 'user', 'busy')
  for (let at = 0; at < 10; at++) {
    await iam.call('AddUserToGroup', { ...user, ...(await makeHolder(iam, 'group', `g${at}`)) })
  }
  const eleventh = await makeHolder(iam, 'group', 'g10')
  expect(await iam.refused('AddUserToGroup', { ...user, ...eleventh })).toBe(
    'LimitExceededException 409: Cannot exceed quota for GroupsPerUser: 10',
  )
})

it('AddUserToGroup needs iam:AddUserToGroup on the group; both must be there', async () => {
  const group = await makeHolder(iam, 'group', 'needs')
  const user = await makeHolder(iam, 'user', 'needs')
  await iam.needs('AddUserToGroup', { ...group, ...user }, [
    ['iam:AddUserToGroup', arnOf('group/needs')],
  ])
  expect(await iam.refused('AddUserToGroup', { ...group, UserName: 'none' })).toBe(
    'NoSuchEntityException 404: The user with name none cannot be found.',
  )
  expect(await iam.refused('AddUserToGroup', { ...user, GroupName: 'none' })).toBe(
    'NoSuchEntityException 404: The group with name none cannot be found.',
  )
})
