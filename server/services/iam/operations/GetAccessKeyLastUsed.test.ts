// GetAccessKeyLastUsed as callers see it.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()
const NEVER = { ServiceName: 'N/A', Region: 'N/A' }

it('GetAccessKeyLastUsed tells when, for which service and in which Region a key signed last', async () => {
  await makeHolder(iam, 'user', 'alice')
  const credentials = await iam.keyOf('alice')
  const { accessKeyId: AccessKeyId } = credentials
  const lastUsed = () => iam.call('GetAccessKeyLastUsed', { AccessKeyId })
  expect(await lastUsed()).toEqual({ UserName: 'alice', AccessKeyLastUsed: NEVER })
  const sts = iam.server.sts({ credentials })
  await sts.send(new GetCallerIdentityCommand())
  const { AccessKeyLastUsed: first } = await lastUsed()
  expect(first).toEqual({
    LastUsedDate: expect.any(Date),
    ServiceName: 'sts',
    Region: 'us-east-1',
  })
  expect(Math.abs(first.LastUsedDate.getTime() - Date.now())).toBeLessThan(60_000)
  // A denied call is one, too: somebody has the key.
  await iam.refused('ListUsers', {}, iam.server.iam({ credentials }))
  expect((await lastUsed()).AccessKeyLastUsed).toMatchObject({ ServiceName: 'iam' })
  // A call that was not rightly signed is none.
  const forged = iam.server.kms({ credentials: { ...credentials, secretAccessKey: 'none' } })
  await expect(forged.send(new ListKeysCommand())).rejects.toThrow('signature')
  expect((await lastUsed()).AccessKeyLastUsed).toMatchObject({ ServiceName: 'iam' })
})

it('GetAccessKeyLastUsed tells of keys of the root user, without a name', async () => {
  const { accessKeyId: AccessKeyId } = iam.server.credentials
  const { UserName, AccessKeyLastUsed } = await iam.call('GetAccessKeyLastUsed', { AccessKeyId })
  expect([UserName, AccessKeyLastUsed.ServiceName]).toEqual([undefined, 'iam'])
})

it('GetAccessKeyLastUsed needs iam:GetAccessKeyLastUsed on the user', async () => {
  await makeHolder(iam, 'user', 'needs')
  const { accessKeyId: AccessKeyId } = await iam.keyOf('needs')
  await iam.needs('GetAccessKeyLastUsed', { AccessKeyId }, [
    ['iam:GetAccessKeyLastUsed', arnOf('user/needs')],
  ])
})

it('GetAccessKeyLastUsed tells only those of a key that is none who may ask for any', async () => {
  const none = { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
  expect(await iam.refused('GetAccessKeyLastUsed', none)).toBe(
    'NoSuchEntityException 404: The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.',
  )
  const some = await iam.user([['iam:GetAccessKeyLastUsed', arnOf('user/needs')]])
  expect(await iam.refused('GetAccessKeyLastUsed', none, some)).toMatch(/^AccessDenied 403: /)
  expect(await iam.refused('GetAccessKeyLastUsed', { AccessKeyId: 'short' })).toMatch(
    /^ValidationError 400: /,
  )
})
