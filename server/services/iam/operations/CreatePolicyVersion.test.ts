// CreatePolicyVersion as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const PolicyDocument = allowing('kms:List*')

it('CreatePolicyVersion adds versions; the default stays unless it is to change', async () => {
  const PolicyArn = await makePolicy(iam, 'P')
  const add = async (SetAsDefault?: boolean) =>
    (await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault }))
      .PolicyVersion
  const version = { CreateDate: expect.any(Date) }
  expect(await add()).toEqual({ ...version, VersionId: 'v2', IsDefaultVersion: false })
  const get = async () => (await iam.call('GetPolicy', { PolicyArn })).Policy.DefaultVersionId
  expect(await get()).toBe('v1')
  expect(await add(true)).toEqual({ ...version, VersionId: 'v3', IsDefaultVersion: true })
  expect(await get()).toBe('v3')
})

it('CreatePolicyVersion keeps five versions, and gives no number twice', async () => {
  const PolicyArn = await makePolicy(iam, 'Full')
  const input = { PolicyArn, PolicyDocument }
  for (let at = 0; at < 4; at++) await iam.call('CreatePolicyVersion', input)
  expect(await iam.refused('CreatePolicyVersion', input)).toBe(
    'LimitExceededException 409: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
  )
  await iam.call('DeletePolicyVersion', { PolicyArn, VersionId: 'v5' })
  const { PolicyVersion } = await iam.call('CreatePolicyVersion', input)
  expect(PolicyVersion.VersionId).toBe('v6')
})

it('CreatePolicyVersion refuses what is no policy, and policies that are not the account’s', async () => {
  const PolicyArn = await makePolicy(iam, 'Refuses')
  expect(await iam.refused('CreatePolicyVersion', { PolicyArn, PolicyDocument: '{}' })).toMatch(
    /^MalformedPolicyDocumentException 400/,
  )
  const aws = 'arn:aws:iam::aws:policy/AdministratorAccess'
  expect(await iam.refused('CreatePolicyVersion', { PolicyArn: aws, PolicyDocument })).toMatch(
    /^InvalidInputException 400/,
  )
  const none = arnOf('policy/none')
  expect(await iam.refused('CreatePolicyVersion', { PolicyArn: none, PolicyDocument })).toMatch(
    /^NoSuchEntityException 404/,
  )
})

it('CreatePolicyVersion needs iam:CreatePolicyVersion on the policy', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('CreatePolicyVersion', { PolicyArn, PolicyDocument }, [
    ['iam:CreatePolicyVersion', PolicyArn],
  ])
})
