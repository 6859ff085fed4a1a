// DeletePolicy as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const ATTACHED = 'DeleteConflictException 409: Cannot delete a policy attached to entities.'

it('DeletePolicy refuses while the policy is attached, a boundary, or has versions', async () => {
  const PolicyArn = await makePolicy(iam, 'P')
  const refused = () => iam.refused('DeletePolicy', { PolicyArn })
  const group = await makeHolder(iam, 'group', 'g')
  await iam.call('AttachGroupPolicy', { ...group, PolicyArn })
  expect(await refused()).toBe(ATTACHED)
  await iam.call('DetachGroupPolicy', { ...group, PolicyArn })
  const role = await makeHolder(iam, 'role', 'r', { PermissionsBoundary: PolicyArn })
  expect(await refused()).toBe(ATTACHED)
  await iam.call('DeleteRolePermissionsBoundary', role)
  const PolicyDocument = allowing('kms:List*')
  await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument })
  expect(await refused()).toMatch(/^DeleteConflictException 409: This policy has more than one/)
  await iam.call('DeletePolicyVersion', { PolicyArn, VersionId: 'v2' })
  expect(await iam.call('DeletePolicy', { PolicyArn })).toEqual({})
  expect(await refused()).toBe(`NoSuchEntityException 404: Policy ${PolicyArn} was not found.`)
})

it('DeletePolicy deletes none of AWS’s', async () => {
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  expect(await iam.refused('DeletePolicy', { PolicyArn })).toMatch(/^InvalidInputException 400/)
  await iam.call('GetPolicy', { PolicyArn })
})

it('A policy that is deleted while it is attached is either there or not attached', async () => {
  const user = await makeHolder(iam, 'user', 'race')
  for (let round = 0; round < 5; round++) {
    const PolicyArn = await makePolicy(iam, `Race${round}`)
    const [attached, deleted] = await Promise.allSettled([
      iam.call('AttachUserPolicy', { ...user, PolicyArn }),
      iam.call('DeletePolicy', { PolicyArn }),
    ])
    expect([attached.status, deleted.status].sort()).toEqual(['fulfilled', 'rejected'])
  }
})

it('DeletePolicy needs iam:DeletePolicy on the policy', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('DeletePolicy', { PolicyArn }, [['iam:DeletePolicy', PolicyArn]])
})
