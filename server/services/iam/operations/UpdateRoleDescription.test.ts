// UpdateRoleDescription as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'

const iam = iamServer()

it('UpdateRoleDescription answers the role with its new description', async () => {
  const named = await makeHolder(iam, 'role', 'r')
  const { Role } = await iam.call('UpdateRoleDescription', { ...named, Description: 'new' })
  expect(Role).toMatchObject({ RoleName: 'r', Description: 'new' })
  expect((await iam.call('GetRole', named)).Role).toEqual(Role)
})

it('UpdateRoleDescription changes a service’s role as well', async () => {
  const AWSServiceName = 'mrk.kms.amazonaws.com'
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  const input = { RoleName: Role.RoleName, Description: 'mine' }
  expect((await iam.call('UpdateRoleDescription', input)).Role.Description).toBe('mine')
})

it('UpdateRoleDescription needs iam:UpdateRoleDescription on the role', async () => {
  const named = await makeHolder(iam, 'role', 'needs')
  await iam.needs('UpdateRoleDescription', { ...named, Description: '' }, [
    ['iam:UpdateRoleDescription', arnOf('role/needs')],
  ])
  const none = { RoleName: 'none', Description: '' }
  expect(await iam.refused('UpdateRoleDescription', none)).toMatch(/^NoSuchEntityException 404/)
})
