// CreateGroup as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'

const iam = iamServer()

it('CreateGroup answers the group, as GetGroup does afterwards', async () => {
  const { Group } = await iam.call('CreateGroup', { GroupName: 'Admins', Path: '/x/' })
  expect(Group).toEqual({
    Path: '/x/',
    GroupName: 'Admins',
    GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
    Arn: arnOf('group/x/Admins'),
    CreateDate: expect.any(Date),
  })
  expect((await iam.call('GetGroup', { GroupName: 'admins' })).Group).toEqual(Group)
})

it('CreateGroup takes no name twice, and none that is none', async () => {
  await iam.call('CreateGroup', { GroupName: 'twice' })
  expect(await iam.refused('CreateGroup', { GroupName: 'Twice' })).toBe(
    'EntityAlreadyExistsException 409: Group with name Twice already exists.',
  )
  expect(await iam.refused('CreateGroup', { GroupName: 'a b' })).toMatch(/groupName is invalid/)
  expect(await iam.refused('CreateGroup', { GroupName: 'x'.repeat(129) })).toContain('128')
})

it('CreateGroup needs iam:CreateGroup on the group to be', async () => {
  await iam.needs('CreateGroup', { GroupName: 'needs', Path: '/x/' }, [
    ['iam:CreateGroup', arnOf('group/x/needs')],
  ])
})
