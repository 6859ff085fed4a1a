// UpdateAccessKey as callers see it: what is deactivated signs no more, at once.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('UpdateAccessKey deactivates a key at once, and activates it again', async () => {
  const named = await makeHolder(iam, 'user', 'alice')
  const policy = { PolicyName: 'p', PolicyDocument: allowing('kms:ListKeys') }
  await iam.call('PutUserPolicy', { ...named, ...policy })
  const credentials = await iam.keyOf('alice')
  const AccessKeyId = credentials.accessKeyId
  const list = () => iam.server.kms({ credentials }).send(new ListKeysCommand())
  expect((await list()).Keys).toEqual([])
  expect(await iam.call('UpdateAccessKey', { ...named, AccessKeyId, Status: 'Inactive' })).toEqual(
    {},
  )
  expect(await refusalOf(list())).toMatchObject({ name: 'UnrecognizedClientException' })
  await iam.call('UpdateAccessKey', { ...named, AccessKeyId, Status: 'Active' })
  expect((await list()).Keys).toEqual([])
})

it('UpdateAccessKey refuses another’s key, other words and who is not there', async () => {
  await makeHolder(iam, 'user', 'one')
  await makeHolder(iam, 'user', 'two')
  const { accessKeyId: AccessKeyId } = await iam.keyOf('one')
  const update = (input: object) =>
    iam.refused('UpdateAccessKey', { AccessKeyId, Status: 'Inactive', ...input })
  expect(await update({ UserName: 'two' })).toBe(
    `NoSuchEntityException 404: The Access Key with id ${AccessKeyId} cannot be found.`,
  )
  expect(await update({ UserName: 'one', Status: 'Off' })).toContain("at 'status' failed")
  expect(await update({ UserName: 'none' })).toMatch(/^NoSuchEntityException 404: The user/)
})

it('UpdateAccessKey needs iam:UpdateAccessKey on the user', async () => {
  const named = await makeHolder(iam, 'user', 'needs')
  const { accessKeyId: AccessKeyId } = await iam.keyOf('needs')
  await iam.needs('UpdateAccessKey', { ...named, AccessKeyId, Status: 'Inactive' }, [
    ['iam:UpdateAccessKey', arnOf('user/needs')],
  ])
})
