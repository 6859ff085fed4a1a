// GetAccountSummary as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'

const iam = iamServer()

it('GetAccountSummary counts what there is, beside its quotas', async () => {
  const { SummaryMap: empty } = await iam.call('GetAccountSummary')
  expect(empty).toMatchObject({
    Users: 0,
    Groups: 0,
    Roles: 0,
    Policies: 0,
    UsersQuota: 5000,
    PolicySizeQuota: 6144,
    AccountAccessKeysPresent: 1,
  })
  await makeHolder(iam, 'user', 'u1')
  await makeHolder(iam, 'user', 'u2')
  await makeHolder(iam, 'group', 'g')
  await makeHolder(iam, 'role', 'r')
  await makePolicy(iam, 'P')
  const { SummaryMap } = await iam.call('GetAccountSummary')
  expect(SummaryMap).toEqual({ ...empty, Users: 2, Groups: 1, Roles: 1, Policies: 1 })
})

it('GetAccountSummary needs iam:GetAccountSummary', async () => {
  await iam.needs('GetAccountSummary', {}, [['iam:GetAccountSummary', '*']])
})
