// DeleteRole as callers see it: the role's sessions die with it.
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const conflict = (what: string) =>
  `DeleteConflictException 409: Cannot delete entity, must ${what} first.`

it('DeleteRole refuses while policies hang on the role, and then deletes it', async () => {
  const named = await makeHolder(iam, 'role', 'r')
  const PolicyArn = await makePolicy(iam, 'P')
  const policy = { ...named, PolicyName: 'p' }
  await iam.call('AttachRolePolicy', { ...named, PolicyArn })
  await iam.call('PutRolePolicy', { ...policy, PolicyDocument: allowing('kms:*') })
  expect(await iam.refused('DeleteRole', named)).toBe(conflict('detach all policies'))
  await iam.call('DetachRolePolicy', { ...named, PolicyArn })
  expect(await iam.refused('DeleteRole', named)).toBe(conflict('delete policies'))
  await iam.call('DeleteRolePolicy', policy)
  expect(await iam.call('DeleteRole', named)).toEqual({})
  expect(await iam.refused('DeleteRole', named)).toMatch(/^NoSuchEntityException 404: The role/)
})

it('DeleteRole ends the role’s sessions at once', async () => {
  await makeHolder(iam, 'user', 'u')
  const trust = allowing('sts:AssumeRole', { Principal: { AWS: arnOf('user/u') } })
  const named = await makeHolder(iam, 'role', 'ends', { AssumeRolePolicyDocument: trust })
  const sts = iam.server.sts({ credentials: await iam.keyOf('u') })
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: arnOf('role/ends'), RoleSessionName: 'se' }),
  )
  const session = iam.server.sts({
    credentials: {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
    },
  })
  await session.send(new GetCallerIdentityCommand())
  await iam.call('DeleteRole', named)
  expect(await refusalOf(session.send(new GetCallerIdentityCommand()))).toMatchObject({
    name: 'InvalidClientTokenId',
  })
})

it('DeleteRole refuses a service’s role, and needs iam:DeleteRole on the role', async () => {
  const AWSServiceName = 'mrk.kms.amazonaws.com'
  const { Role } = await iam.call('CreateServiceLinkedRole', { AWSServiceName })
  expect(await iam.refused('DeleteRole', { RoleName: Role.RoleName })).toMatch(
    /^UnmodifiableEntityException 400/,
  )
  await iam.needs('DeleteRole', await makeHolder(iam, 'role', 'needs'), [
    ['iam:DeleteRole', arnOf('role/needs')],
  ])
})
