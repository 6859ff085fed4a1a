// DeleteAccessKey as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('DeleteAccessKey deletes a key of the user, once, and it signs no more', async () => {
  const named = await makeHolder(iam, 'user', 'alice')
  await makeHolder(iam, 'user', 'bob')
  const credentials = await iam.keyOf('alice')
  const AccessKeyId = credentials.accessKeyId
  const missing = `NoSuchEntityException 404: The Access Key with id ${AccessKeyId} cannot be found.`
  expect(await iam.refused('DeleteAccessKey', { UserName: 'bob', AccessKeyId })).toBe(missing)
  expect(await iam.call('DeleteAccessKey', { ...named, AccessKeyId })).toEqual({})
  expect(await iam.refused('DeleteAccessKey', { ...named, AccessKeyId })).toBe(missing)
  expect(await iam.refused('GetUser', {}, iam.server.iam({ credentials }))).toMatch(
    /^InvalidClientTokenId 403: /,
  )
})

it('DeleteAccessKey needs iam:DeleteAccessKey on the user', async () => {
  const named = await makeHolder(iam, 'user', 'needs')
  const { accessKeyId: AccessKeyId } = await iam.keyOf('needs')
  await iam.needs('DeleteAccessKey', { ...named, AccessKeyId }, [
    ['iam:DeleteAccessKey', arnOf('user/needs')],
  ])
})
