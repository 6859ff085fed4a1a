// ListPolicies as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'

const iam = iamServer()
const names = async (input: object) => {
  const { Policies } = await iam.call('ListPolicies', { ...input, MaxItems: 1000 })
  return Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName)
}

it('ListPolicies lists the account’s and AWS’s policies, as asked', async () => {
  const attached = await makePolicy(iam, 'Attached', undefined, { Path: '/x/' })
  const boundary = await makePolicy(iam, 'Boundary')
  await makePolicy(iam, 'Idle')
  const named = await makeHolder(iam, 'user', 'u', { PermissionsBoundary: boundary })
  await iam.call('AttachUserPolicy', { ...named, PolicyArn: attached })
  expect(await names({ Scope: 'Local' })).toEqual(['Boundary', 'Idle', 'Attached'])
  const aws = await names({ Scope: 'AWS' })
  expect(aws).toEqual(
    expect.arrayContaining(['AdministratorAccess', 'AmazonS3FullAccess', 'IAMReadOnlyAccess']),
  )
  expect(await names({})).toHaveLength(aws.length + 3)
  expect(await names({ OnlyAttached: true })).toEqual(['Attached'])
  expect(await names({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['Boundary'])
  expect(await names({ PolicyUsageFilter: 'PermissionsPolicy' })).toEqual(['Attached'])
  expect(await names({ PathPrefix: '/x/' })).toEqual(['Attached'])
  expect(await iam.refused('ListPolicies', { Scope: 'Mine' })).toContain("at 'scope' failed")
})

it('ListPolicies answers every policy once, page by page', async () => {
  const seen: string[] = []
  let Marker: string | undefined
  do {
    const page = await iam.call('ListPolicies', { MaxItems: 4, Marker })
    seen.push(...page.Policies.map(({ Arn }: { Arn: string }) => Arn))
    Marker = page.Marker
    expect(page.IsTruncated).toBe(Marker !== undefined)
  } while (Marker !== undefined)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength((await names({})).length)
})

it('ListPolicies needs iam:ListPolicies', async () => {
  await iam.needs('ListPolicies', {}, [['iam:ListPolicies', '*']])
})
