// GetAccountAuthorizationDetails as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy, TRUST } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const OPERATION = 'GetAccountAuthorizationDetails'
const DOCUMENT = allowing('kms:Decrypt')
const AWS = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess'

it(`${OPERATION} tells everything about users, groups, roles and policies`, async () => {
  const PolicyArn = await makePolicy(iam, 'P', DOCUMENT)
  const group = await makeHolder(iam, 'group', 'g')
  const Tags = [{ Key: 'k', Value: 'v' }]
  const user = await makeHolder(iam, 'user', 'u', { Tags, PermissionsBoundary: PolicyArn })
  const role = await makeHolder(iam, 'role', 'r')
  await iam.call('AddUserToGroup', { ...group, ...user })
  await iam.call('AttachUserPolicy', { ...user, PolicyArn })
  await iam.call('AttachRolePolicy', { ...role, PolicyArn: AWS })
  await iam.call('PutGroupPolicy', { ...group, PolicyName: 'in', PolicyDocument: DOCUMENT })
  const told = await iam.call(OPERATION)
  expect(told.IsTruncated).toBe(false)
  const attached = { PolicyName: 'P', PolicyArn }
  expect(told.UserDetailList).toEqual([
    expect.objectContaining({
      UserName: 'u',
      GroupList: ['g'],
      UserPolicyList: [],
      AttachedManagedPolicies: [attached],
      PermissionsBoundary: expect.objectContaining({ PermissionsBoundaryArn: PolicyArn }),
      Tags,
    }),
  ])
  const [inline] = told.GroupDetailList[0].GroupPolicyList
  expect([inline.PolicyName, decodeURIComponent(inline.PolicyDocument)]).toEqual(['in', DOCUMENT])
  const [aRole] = told.RoleDetailList
  expect(decodeURIComponent(aRole.AssumeRolePolicyDocument)).toBe(TRUST)
  expect(aRole.AttachedManagedPolicies[0].PolicyArn).toBe(AWS)
  expect(told.Policies.map(({ Arn }: { Arn: string }) => Arn)).toEqual([PolicyArn, AWS])
  expect(told.Policies[0]).toMatchObject({ AttachmentCount: 1, PermissionsBoundaryUsageCount: 1 })
  expect(decodeURIComponent(told.Policies[0].PolicyVersionList[0].Document)).toBe(DOCUMENT)
})

it(`${OPERATION} shows what is asked for, each thing once, page by page`, async () => {
  const count = (told: Record<string, unknown[]>) =>
    ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'].map(
      (list) => told[list]?.length,
    )
  expect(count(await iam.call(OPERATION, { Filter: ['Role', 'AWSManagedPolicy'] }))).toEqual([
    0, 0, 1, 1,
  ])
  const totals = [0, 0, 0, 0]
  let pages = 0
  let Marker: string | undefined
  do {
    const page = await iam.call(OPERATION, { MaxItems: 2, Marker })
    count(page).forEach((some, at) => {
      totals[at] = (totals[at] ?? 0) + (some ?? 0)
    })
    Marker = page.Marker
    pages++
    expect(page.IsTruncated).toBe(Marker !== undefined)
  } while (Marker !== undefined)
  expect([pages, totals]).toEqual([3, [1, 1, 1, 2]])
  expect(await iam.refused(OPERATION, { Filter: ['Bucket'] })).toContain("at 'filter' failed")
})

it(`${OPERATION} needs iam:${OPERATION}`, async () => {
  await iam.needs(OPERATION, {}, [[`iam:${OPERATION}`, '*']])
})
