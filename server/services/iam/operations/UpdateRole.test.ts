// UpdateRole as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('UpdateRole changes what it is told, and leaves the rest', async () => {
  const named = await makeHolder(iam, 'role', 'r', { Description: 'one' })
  const { Role: before } = await iam.call('GetRole', named)
  expect(await iam.call('UpdateRole', { ...named, MaxSessionDuration: 7200 })).toEqual({})
  await iam.call('UpdateRole', { ...named, Description: 'two' })
  const { Role: after } = await iam.call('GetRole', named)
  expect(after).toEqual({ ...before, MaxSessionDuration: 7200, Description: 'two' })
})

it('UpdateRole refuses a service’s role and sessions that are too long', async () => {
  const AWSServiceName = 'mrk.kms.amazonaws.com'
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  const { RoleName } = Role
  expect(await iam.refused('UpdateRole', { RoleName, MaxSessionDuration: 7200 })).toBe(
    `UnmodifiableEntityException 400: Cannot perform the operation on the protected role '${RoleName}' - this role is only modifiable by AWS`,
  )
  const named = await makeHolder(iam, 'role', 'long')
  expect(await iam.refused('UpdateRole', { ...named, MaxSessionDuration: 1 })).toContain('3600')
})

it('UpdateRole needs iam:UpdateRole on the role, which must be there', async () => {
  await iam.needs('UpdateRole', await makeHolder(iam, 'role', 'needs'), [
    ['iam:UpdateRole', arnOf('role/needs')],
  ])
  expect(await iam.refused('UpdateRole', { RoleName: 'none' })).toMatch(
    /^NoSuchEntityException 404/,
  )
})
