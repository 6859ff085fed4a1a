// ListGroupsForUser as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('ListGroupsForUser lists the user’s groups by name, page by page', async () => {
  const user = await makeHolder(iam, 'user', 'u')
  expect(await iam.call('ListGroupsForUser', user)).toEqual({ Groups: [], IsTruncated: false })
  for (const name of ['b', 'a', 'other']) await makeHolder(iam, 'group', name)
  for (const GroupName of ['b', 'a']) await iam.call('AddUserToGroup', { ...user, GroupName })
  const first = await iam.call('ListGroupsForUser', { ...user, MaxItems: 1 })
  expect(first.Groups).toEqual([(await iam.call('GetGroup', { GroupName: 'a' })).Group])
  const second = await iam.call('ListGroupsForUser', { ...user, Marker: first.Marker })
  expect([second.Groups[0].GroupName, second.Groups.length]).toEqual(['b', 1])
})

it('ListGroupsForUser needs iam:ListGroupsForUser on the user, who must be there', async () => {
  await iam.needs('ListGroupsForUser', await makeHolder(iam, 'user', 'needs'), [
    ['iam:ListGroupsForUser', arnOf('user/needs')],
  ])
  expect(await iam.refused('ListGroupsForUser', { UserName: 'none' })).toMatch(
    /^NoSuchEntityException 404: /,
  )
})
