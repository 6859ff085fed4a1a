// GetServiceLinkedRoleDeletionStatus as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'

const iam = iamServer()
const AWSServiceName = 'mrk.kms.amazonaws.com'
const OPERATION = 'GetServiceLinkedRoleDeletionStatus'

it(`${OPERATION} tells that the task is done, to those who may ask`, async () => {
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  const { DeletionTaskId } = await iam.call('DeleteServiceLinkedRole', { RoleName: Role.RoleName })
  expect(await iam.call(OPERATION, { DeletionTaskId })).toEqual({ Status: 'SUCCEEDED' })
  // Also when there is a new role of the same name.
  await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  expect(await iam.call(OPERATION, { DeletionTaskId })).toEqual({ Status: 'SUCCEEDED' })
  await iam.needs(OPERATION, { DeletionTaskId }, [[`iam:${OPERATION}`, Role.Arn]])
})

it(`${OPERATION} knows no task that there never was`, async () => {
  const { Role } = await iam.call('GetRole', {
    RoleName: 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys',
  })
  const never = `task${Role.Path}${Role.RoleName}/${Role.RoleId}`
  for (const DeletionTaskId of ['task/none', never]) {
    expect(await iam.refused(OPERATION, { DeletionTaskId })).toBe(
      `NoSuchEntityException 404: The deletion task with id ${DeletionTaskId} cannot be found.`,
    )
  }
})
