// DeleteUser as callers see it.

import { ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const conflict = (what: string) =>
  `DeleteConflictException 409: Cannot delete entity, must ${what} first.`

it('DeleteUser refuses while anything hangs on the user, and then deletes it', async () => {
  const named = await makeHolder(iam, 'user', 'alice')
  const PolicyArn = await makePolicy(iam, 'P')
  const refused = () => iam.refused('DeleteUser', named)
  const policy = { ...named, PolicyName: 'p' }
  await iam.call('CreateGroup', { GroupName: 'g' })
  await iam.call('AddUserToGroup', { ...named, GroupName: 'g' })
  await iam.call('AttachUserPolicy', { ...named, PolicyArn })
  await iam.call('PutUserPolicy', { ...policy, PolicyDocument: allowing('kms:*') })
  const key = await iam.keyOf('alice')
  const kms = iam.server.kms({ credentials: key })
  await kms.send(new ListKeysCommand())
  expect(await refused()).toBe(conflict('remove users from group'))
  await iam.call('RemoveUserFromGroup', { ...named, GroupName: 'g' })
  expect(await refused()).toBe(conflict('detach all policies'))
  await iam.call('DetachUserPolicy', { ...named, PolicyArn })
  expect(await refused()).toBe(conflict('delete policies'))
  await iam.call('DeleteUserPolicy', policy)
  expect(await refused()).toBe(conflict('delete access keys'))
  await iam.call('DeleteAccessKey', { ...named, AccessKeyId: key.accessKeyId })
  expect(await iam.call('DeleteUser', named)).toEqual({})
  expect(await refused()).toMatch(/^NoSuchEntityException 404: /)
  expect(await refusalOf(kms.send(new ListKeysCommand()))).toMatchObject({
    name: 'UnrecognizedClientException',
  })
})

it('A user made anew under an old name is another one', async () => {
  const named = await makeHolder(iam, 'user', 'again')
  const { User: first } = await iam.call('GetUser', named)
  await iam.call('DeleteUser', named)
  await makeHolder(iam, 'user', 'again')
  const { User: second } = await iam.call('GetUser', named)
  expect(second.UserId).not.toBe(first.UserId)
})

it('DeleteUser needs iam:DeleteUser on the user', async () => {
  await iam.needs('DeleteUser', await makeHolder(iam, 'user', 'needs'), [
    ['iam:DeleteUser', arnOf('user/needs')],
  ])
})
