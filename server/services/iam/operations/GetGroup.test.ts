// GetGroup as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('GetGroup answers the group with its users, page by page', async () => {
  const named = await makeHolder(iam, 'group', 'g')
  expect(await iam.call('GetGroup', named)).toMatchObject({ Users: [], IsTruncated: false })
  for (const name of ['b', 'a', 'outsider']) await makeHolder(iam, 'user', name)
  for (const UserName of ['b', 'a']) await iam.call('AddUserToGroup', { ...named, UserName })
  const first = await iam.call('GetGroup', { ...named, MaxItems: 1 })
  expect(first.Group.GroupName).toBe('g')
  expect(first.Users).toEqual([(await iam.call('GetUser', { UserName: 'a' })).User])
  const second = await iam.call('GetGroup', { ...named, Marker: first.Marker })
  expect([second.Users[0].UserName, second.Users.length, second.IsTruncated]).toEqual([
    'b',
    1,
    false,
  ])
})

it('GetGroup needs iam:GetGroup on the group, which must be there', async () => {
  await iam.needs('GetGroup', await makeHolder(iam, 'group', 'needs'), [
    ['iam:GetGroup', arnOf('group/needs')],
  ])
  expect(await iam.refused('GetGroup', { GroupName: 'none' })).toBe(
    'NoSuchEntityException 404: The group with name none cannot be found.',
  )
})
