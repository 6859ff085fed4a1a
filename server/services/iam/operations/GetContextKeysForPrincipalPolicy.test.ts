// GetContextKeysForPrincipalPolicy as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const OPERATION = 'GetContextKeysForPrincipalPolicy'
const asking = (key: string) =>
  allowing('kms:*', { Resource: '*', Condition: { StringEquals: { [key]: 'x' } } })

it(`${OPERATION} names the keys of all policies that bind the user, and of those given`, async () => {
  const group = await makeHolder(iam, 'group', 'g')
  const user = await makeHolder(iam, 'user', 'u')
  await iam.call('AddUserToGroup', { ...group, ...user })
  const put = (named: object, PolicyDocument: string) => ({
    ...named,
    PolicyName: 'p',
    PolicyDocument,
  })
  await iam.call('PutGroupPolicy', put(group, asking('kms:ViaService')))
  await iam.call('PutUserPolicy', put(user, asking('kms:CallerAccount')))
  const { ContextKeyNames } = await iam.call(OPERATION, {
    PolicySourceArn: arnOf('user/u'),
    PolicyInputList: [asking('aws:SourceVpc')],
  })
  expect([...ContextKeyNames].sort()).toEqual([
    'aws:SourceVpc',
    'kms:CallerAccount',
    'kms:ViaService',
  ])
})

it(`${OPERATION} needs iam:${OPERATION} on whose policies they are`, async () => {
  await makeHolder(iam, 'role', 'needs')
  const input = { PolicySourceArn: arnOf('role/needs') }
  await iam.needs(OPERATION, input, [[`iam:${OPERATION}`, arnOf('role/needs')]])
  expect(await iam.refused(OPERATION, { PolicySourceArn: arnOf('role/none') })).toMatch(
    /^NoSuchEntityException 404/,
  )
})
