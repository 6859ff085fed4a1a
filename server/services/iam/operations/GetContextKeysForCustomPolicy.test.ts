// GetContextKeysForCustomPolicy as callers see it.
import { expect, it } from 'vitest'
import { iamServer } from '../testing/iam-server.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const OPERATION = 'GetContextKeysForCustomPolicy'

it(`${OPERATION} names the keys of conditions and variables, once`, async () => {
  const PolicyInputList = [
    allowing('s3:GetObject', {
      Resource: ['arn:aws:s3:::bucket/$', 'aws:username}'].join('{'),
      Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'a' } },
    }),
    allowing('kms:*', {
      Resource: '*',
      Condition: {
        IpAddress: { 'AWS:SourceIp': '::1' },
        Null: { 'aws:principaltag/team': 'true' },
      },
    }),
  ]
  const { ContextKeyNames } = await iam.call(OPERATION, { PolicyInputList })
  expect([...ContextKeyNames].sort()).toEqual([
    'AWS:SourceIp',
    'aws:PrincipalTag/Team',
    'aws:username',
  ])
  expect(await iam.call(OPERATION, { PolicyInputList: [allowing('kms:*')] })).toEqual({
    ContextKeyNames: [],
  })
})

it(`${OPERATION} refuses what is no policy, and needs iam:${OPERATION}`, async () => {
  expect(await iam.refused(OPERATION, { PolicyInputList: ['{}'] })).toMatch(
    /^InvalidInputException 400: PolicyInputList\.1/,
  )
  await iam.needs(OPERATION, { PolicyInputList: [allowing('kms:*')] }, [[`iam:${OPERATION}`, '*']])
})
