// SetDefaultPolicyVersion as callers see it: what the policy says now counts at once.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'
import { allowing, denying } from '../testing/stores.ts'

const iam = iamServer()

it('SetDefaultPolicyVersion changes what the policy’s holders may, at once', async () => {
  const PolicyArn = await makePolicy(iam, 'P', allowing('kms:ListKeys'))
  await iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument: denying('kms:*') })
  const user = await makeHolder(iam, 'user', 'u')
  await iam.call('AttachUserPolicy', { ...user, PolicyArn })
  const credentials = await iam.keyOf('u')
  const list = () => iam.server.kms({ credentials }).send(new ListKeysCommand())
  expect((await list()).Keys).toEqual([])
  expect(await iam.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v2' })).toEqual({})
  expect((await refusalOf(list())).message).toContain('explicit deny in an identity-based policy')
  await iam.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' })
  expect((await list()).Keys).toEqual([])
})

it('SetDefaultPolicyVersion needs iam:SetDefaultPolicyVersion, and a version that is there', async () => {
  const PolicyArn = await makePolicy(iam, 'needs')
  await iam.needs('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' }, [
    ['iam:SetDefaultPolicyVersion', PolicyArn],
  ])
  expect(await iam.refused('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v9' })).toMatch(
    /^NoSuchEntityException 404: Policy .* version v9/,
  )
})
