// UpdateAssumeRolePolicy as callers see it.
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, TRUST } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('UpdateAssumeRolePolicy says anew who may assume the role, at once', async () => {
  const named = await makeHolder(iam, 'role', 'r')
  await makeHolder(iam, 'user', 'u')
  const sts = iam.server.sts({ credentials: await iam.keyOf('u') })
  const assume = () =>
    sts.send(new AssumeRoleCommand({ RoleArn: arnOf('role/r'), RoleSessionName: 'se' }))
  await expect(assume()).rejects.toThrow(/not authorized/)
  const PolicyDocument = allowing('sts:AssumeRole', { Principal: { AWS: arnOf('user/u') } })
  expect(await iam.call('UpdateAssumeRolePolicy', { ...named, PolicyDocument })).toEqual({})
  expect((await assume()).Credentials).toBeDefined()
  await iam.call('UpdateAssumeRolePolicy', { ...named, PolicyDocument: TRUST })
  await expect(assume()).rejects.toThrow(/not authorized/)
})

it('UpdateAssumeRolePolicy refuses what is no trust policy, and services’ roles', async () => {
  const named = await makeHolder(iam, 'role', 'refuses')
  const update = (PolicyDocument: string, role = named) =>
    iam.refused('UpdateAssumeRolePolicy', { ...role, PolicyDocument })
  expect(await update(allowing('sts:AssumeRole'))).toMatch(/^MalformedPolicyDocumentException 400/)
  const AWSServiceName = 'mrk.kms.amazonaws.com'
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  expect(await update(TRUST, { RoleName: Role.RoleName })).toMatch(
    /^UnmodifiableEntityException 400/,
  )
  expect(await update(TRUST, { RoleName: 'none' })).toMatch(/^NoSuchEntityException 404/)
})

it('UpdateAssumeRolePolicy needs iam:UpdateAssumeRolePolicy on the role', async () => {
  const named = await makeHolder(iam, 'role', 'needs')
  await iam.needs('UpdateAssumeRolePolicy', { ...named, PolicyDocument: TRUST }, [
    ['iam:UpdateAssumeRolePolicy', arnOf('role/needs')],
  ])
})
