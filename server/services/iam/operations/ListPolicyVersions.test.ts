// ListPolicyVersions as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makePolicy } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('ListPolicyVersions lists the newest first, page by page, without documents', async () => {
  const PolicyArn = await makePolicy(iam, 'P')
  for (let at = 0; at < 2; at++) {
    await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument: allowing('kms:*') })
  }
  const first = await iam.call('ListPolicyVersions', { PolicyArn, MaxItems: 2 })
  const version = (VersionId: string) => ({
    VersionId,
    IsDefaultVersion: VersionId === 'v1',
    CreateDate: expect.any(Date),
  })
  expect(first.Versions).toEqual([version('v3'), version('v2')])
  const { Marker } = first
  expect(await iam.call('ListPolicyVersions', { PolicyArn, Marker })).toEqual({
    Versions: [version('v1')],
    IsTruncated: false,
  })
})

it('ListPolicyVersions needs iam:ListPolicyVersions on the policy', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('ListPolicyVersions', { PolicyArn }, [['iam:ListPolicyVersions', PolicyArn]])
})
