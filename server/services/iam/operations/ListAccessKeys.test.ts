// ListAccessKeys as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('ListAccessKeys lists the user’s keys, without their secrets', async () => {
  const named = await makeHolder(iam, 'user', 'alice')
  expect(await iam.call('ListAccessKeys', named)).toEqual({
    AccessKeyMetadata: [],
    IsTruncated: false,
  })
  const ids = [await iam.keyOf('alice'), await iam.keyOf('alice')].map((key) => key.accessKeyId)
  await iam.call('UpdateAccessKey', { ...named, AccessKeyId: ids[0], Status: 'Inactive' })
  const first = await iam.call('ListAccessKeys', { ...named, MaxItems: 1 })
  const { Marker } = first
  const second = await iam.call('ListAccessKeys', { ...named, Marker })
  expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false])
  const listed = [...first.AccessKeyMetadata, ...second.AccessKeyMetadata]
  const of = (id: string | undefined, Status: string) => ({
    UserName: 'alice',
    AccessKeyId: id,
    Status,
    CreateDate: expect.any(Date),
  })
  expect(listed).toHaveLength(2)
  expect(listed).toEqual(expect.arrayContaining([of(ids[0], 'Inactive'), of(ids[1], 'Active')]))
})

it('ListAccessKeys without a name lists the keys of who calls', async () => {
  const caller = await iam.user([['iam:ListAccessKeys', '*']])
  const { AccessKeyMetadata } = await iam.call('ListAccessKeys', {}, caller)
  expect(AccessKeyMetadata).toEqual([
    expect.objectContaining({ UserName: expect.stringMatching(/^caller-/) }),
  ])
  const root = await iam.call('ListAccessKeys')
  expect(root.AccessKeyMetadata).toEqual([
    expect.objectContaining({ AccessKeyId: iam.server.credentials.accessKeyId }),
  ])
})

it('ListAccessKeys needs iam:ListAccessKeys on the user, who must be there', async () => {
  await iam.needs('ListAccessKeys', await makeHolder(iam, 'user', 'needs'), [
    ['iam:ListAccessKeys', arnOf('user/needs')],
  ])
  expect(await iam.refused('ListAccessKeys', { UserName: 'none' })).toMatch(
    /^NoSuchEntityException 404: /,
  )
})
