// DeleteGroup as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const conflict = (what: string) =>
  `DeleteConflictException 409: Cannot delete entity, must ${what} first.`

it('DeleteGroup refuses while anything hangs on the group, and then deletes it', async () => {
  const named = await makeHolder(iam, 'group', 'g')
  const member = { ...named, ...(await makeHolder(iam, 'user', 'u')) }
  const PolicyArn = await makePolicy(iam, 'P')
  const policy = { ...named, PolicyName: 'p' }
  await iam.call('AddUserToGroup', member)
  await iam.call('AttachGroupPolicy', { ...named, PolicyArn })
  await iam.call('PutGroupPolicy', { ...policy, PolicyDocument: allowing('kms:*') })
  const refused = () => iam.refused('DeleteGroup', named)
  expect(await refused()).toBe(conflict('detach all policies'))
  await iam.call('DetachGroupPolicy', { ...named, PolicyArn })
  expect(await refused()).toBe(conflict('delete policies'))
  await iam.call('DeleteGroupPolicy', policy)
  expect(await refused()).toBe(conflict('remove users from group'))
  await iam.call('RemoveUserFromGroup', member)
  expect(await iam.call('DeleteGroup', named)).toEqual({})
  expect(await refused()).toMatch(/^NoSuchEntityException 404: The group with name g/)
})

it('DeleteGroup needs iam:DeleteGroup on the group', async () => {
  await iam.needs('DeleteGroup', await makeHolder(iam, 'group', 'needs'), [
    ['iam:DeleteGroup', arnOf('group/needs')],
  ])
})
