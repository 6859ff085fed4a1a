// ListEntitiesForPolicy as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'

const iam = iamServer()

it('ListEntitiesForPolicy tells who has the policy, of which kind, below which path, and as what', async () => {
  const PolicyArn = await makePolicy(iam, 'P')
  for (const [kind, word] of [
    ['user', 'User'],
    ['group', 'Group'],
    ['role', 'Role'],
  ] as const) {
    const Path = kind === 'role' ? '/x/' : '/'
    const named = await makeHolder(iam, kind, `a-${kind}`, { Path })
    await iam.call(`Attach${word}Policy`, { ...named, PolicyArn })
  }
  await makeHolder(iam, 'user', 'bounded', { PermissionsBoundary: PolicyArn })
  const list = async (input: object) => {
    const answer = await iam.call('ListEntitiesForPolicy', { PolicyArn, ...input })
    return [...answer.PolicyUsers, ...answer.PolicyGroups, ...answer.PolicyRoles].map(
      ({ UserName, GroupName, RoleName }) => UserName ?? GroupName ?? RoleName,
    )
  }
  expect(await list({})).toEqual(['a-user', 'a-group', 'a-role'])
  expect(await list({ EntityFilter: 'Role' })).toEqual(['a-role'])
  expect(await list({ EntityFilter: 'AWSManagedPolicy' })).toEqual([])
  expect(await list({ PathPrefix: '/x/' })).toEqual(['a-role'])
  expect(await list({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['bounded'])
  const page = await iam.call('ListEntitiesForPolicy', { PolicyArn, MaxItems: 2 })
  expect(page.IsTruncated).toBe(true)
  expect(await list({ Marker: page.Marker })).toHaveLength(1)
})

it('ListEntitiesForPolicy needs iam:ListEntitiesForPolicy on the policy, which must be there', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('ListEntitiesForPolicy', { PolicyArn }, [
    ['iam:ListEntitiesForPolicy', PolicyArn],
  ])
  expect(await iam.refused('ListEntitiesForPolicy', { PolicyArn: arnOf('policy/none') })).toMatch(
    /^NoSuchEntityException 404/,
  )
})
