// DeletePolicyVersion as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('DeletePolicyVersion deletes any version but the default one', async () => {
  const PolicyArn = await makePolicy(iam, 'P')
  const PolicyDocument = allowing('kms:*')
  await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true })
  const refused = (VersionId: string) =>
    iam.refused('DeletePolicyVersion', { PolicyArn, VersionId })
  expect(await refused('v2')).toBe(
    'DeleteConflictException 409: Cannot delete the default version of a policy.',
  )
  expect(await iam.call('DeletePolicyVersion', { PolicyArn, VersionId: 'v1' })).toEqual({})
  expect(await refused('v1')).toMatch(/^NoSuchEntityException 404: Policy .* version v1/)
  const { Versions } = await iam.call('ListPolicyVersions', { PolicyArn })
  expect(Versions).toHaveLength(1)
})

it('DeletePolicyVersion needs iam:DeletePolicyVersion on the policy', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument: allowing('kms:*') })
  await iam.needs('DeletePolicyVersion', { PolicyArn, VersionId: 'v2' }, [
    ['iam:DeletePolicyVersion', PolicyArn],
  ])
})
