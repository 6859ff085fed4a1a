// DeleteServiceLinkedRole as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()
const AWSServiceName = 'mrk.kms.amazonaws.com'

it('DeleteServiceLinkedRole deletes the role, and answers the task', async () => {
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  const { RoleName } = Role
  const { DeletionTaskId } = await iam.call('DeleteServiceLinkedRole', { RoleName })
  expect(DeletionTaskId).toMatch(/^task\/aws-service-role\/mrk\.kms\.amazonaws\.com\//)
  expect(await iam.refused('GetRole', { RoleName })).toMatch(/^NoSuchEntityException 404/)
})

it('DeleteServiceLinkedRole deletes no other role', async () => {
  expect(await iam.refused('DeleteServiceLinkedRole', await makeHolder(iam, 'role', 'r'))).toMatch(
    /^NoSuchEntityException 404/,
  )
  expect(await iam.refused('DeleteServiceLinkedRole', { RoleName: 'none' })).toMatch(
    /^NoSuchEntityException 404/,
  )
  await iam.call('GetRole', { RoleName: 'r' })
})

it('DeleteServiceLinkedRole needs iam:DeleteServiceLinkedRole on the role', async () => {
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  await iam.needs('DeleteServiceLinkedRole', { RoleName: Role.RoleName }, [
    ['iam:DeleteServiceLinkedRole', Role.Arn],
  ])
})
