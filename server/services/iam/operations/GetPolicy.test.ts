// GetPolicy as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'

const iam = iamServer()

it('GetPolicy tells how often the policy is attached, and how often it is a boundary', async () => {
  const PolicyArn = await makePolicy(iam, 'P')
  const get = async () => {
    const { Policy } = await iam.call('GetPolicy', { PolicyArn })
    return [Policy.AttachmentCount, Policy.PermissionsBoundaryUsageCount]
  }
  expect(await get()).toEqual([0, 0])
  for (const kind of ['user', 'group', 'role'] as const) {
    const word = kind.charAt(0).toUpperCase() + kind.slice(1)
    const named = await makeHolder(iam, kind, kind)
    await iam.call(`Attach${word}Policy`, { ...named, PolicyArn })
  }
  await makeHolder(iam, 'user', 'bounded', { PermissionsBoundary: PolicyArn })
  expect(await get()).toEqual([3, 1])
})

it('GetPolicy answers AWS’s policies', async () => {
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  const { Policy } = await iam.call('GetPolicy', { PolicyArn })
  expect(Policy).toMatchObject({ PolicyName: 'AdministratorAccess', Arn: PolicyArn, Path: '/' })
})

it('GetPolicy needs iam:GetPolicy on the policy, which must be there', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('GetPolicy', { PolicyArn }, [['iam:GetPolicy', PolicyArn]])
  const none = arnOf('policy/none')
  expect(await iam.refused('GetPolicy', { PolicyArn: none })).toBe(
    `NoSuchEntityException 404: Policy ${none} was not found.`,
  )
  expect(await iam.refused('GetPolicy', { PolicyArn: arnOf('role/not-a-policy') })).toBe(
    `InvalidInputException 400: ARN ${arnOf('role/not-a-policy')} is not valid.`,
  )
})
