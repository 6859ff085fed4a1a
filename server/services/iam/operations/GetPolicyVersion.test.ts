// GetPolicyVersion as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('GetPolicyVersion answers each version’s document to the letter', async () => {
  const first = `\n${allowing('kms:*')} `
  const PolicyArn = await makePolicy(iam, 'P', first)
  const second = allowing('kms:List*')
  await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument: second })
  for (const [VersionId, document] of [
    ['v1', first],
    ['v2', second],
  ] as const) {
    const { PolicyVersion } = await iam.call('GetPolicyVersion', { PolicyArn, VersionId })
    expect([PolicyVersion.VersionId, PolicyVersion.IsDefaultVersion]).toEqual([
      VersionId,
      VersionId === 'v1',
    ])
    expect(decodeURIComponent(PolicyVersion.Document)).toBe(document)
  }
})

it('GetPolicyVersion answers AWS’s documents', async () => {
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  const { PolicyVersion } = await iam.call('GetPolicyVersion', { PolicyArn, VersionId: 'v1' })
  expect(JSON.parse(decodeURIComponent(PolicyVersion.Document)).Statement).toEqual([
    { Effect: 'Allow', Action: ['*'], Resource: '*' },
  ])
})

it('GetPolicyVersion needs iam:GetPolicyVersion on the policy, which must have the version', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('GetPolicyVersion', { PolicyArn, VersionId: 'v1' }, [
    ['iam:GetPolicyVersion', PolicyArn],
  ])
  expect(await iam.refused('GetPolicyVersion', { PolicyArn, VersionId: 'v2' })).toBe(
    `NoSuchEntityException 404: Policy ${PolicyArn} version v2 does not exist or is not attachable.`,
  )
  expect(await iam.refused('GetPolicyVersion', { PolicyArn, VersionId: '2' })).toContain(
    "at 'versionId' failed",
  )
})
