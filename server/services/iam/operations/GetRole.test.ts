// GetRole as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('GetRole answers the role of the name, whatever its case', async () => {
  await makeHolder(iam, 'role', 'App', { Path: '/x/' })
  const { Role } = await iam.call('GetRole', { RoleName: 'app' })
  expect(Role).toMatchObject({
    RoleName: 'App',
    Arn: arnOf('role/x/App'),
    MaxSessionDuration: 3600,
  })
  expect(Role.Description).toBeUndefined()
})

it('GetRole needs iam:GetRole on the role, which must be there', async () => {
  await iam.needs('GetRole', await makeHolder(iam, 'role', 'needs'), [
    ['iam:GetRole', arnOf('role/needs')],
  ])
  expect(await iam.refused('GetRole', { RoleName: 'none' })).toBe(
    'NoSuchEntityException 404: The role with name none cannot be found.',
  )
})
