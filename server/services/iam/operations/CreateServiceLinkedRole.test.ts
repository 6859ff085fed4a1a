// CreateServiceLinkedRole as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'

const iam = iamServer()
const NAME = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'
const AWSServiceName = 'mrk.kms.amazonaws.com'
const ARN = arnOf(`role/aws-service-role/${AWSServiceName}/${NAME}`)

it('CreateServiceLinkedRole needs iam:CreateServiceLinkedRole for the service, and makes its role', async () => {
  const other = await iam.user([['iam:CreateServiceLinkedRole', '*']], {
    Condition: { StringNotEquals: { 'iam:AWSServiceName': AWSServiceName } },
  })
  expect(await iam.refused('CreateServiceLinkedRole', { AWSServiceName }, other)).toMatch(
    /^AccessDenied 403/,
  )
  await iam.needs('CreateServiceLinkedRole', { AWSServiceName }, [
    ['iam:CreateServiceLinkedRole', ARN],
  ])
  const { Role } = await iam.call('GetRole', { RoleName: NAME })
  expect([Role.Arn, Role.Path]).toEqual([ARN, `/aws-service-role/${AWSServiceName}/`])
  expect(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)).Statement).toEqual([
    { Effect: 'Allow', Principal: { Service: [AWSServiceName] }, Action: ['sts:AssumeRole'] },
  ])
  const { AttachedPolicies } = await iam.call('ListAttachedRolePolicies', { RoleName: NAME })
  expect(AttachedPolicies[0].PolicyName).toBe(
    'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy',
  )
})

it('CreateServiceLinkedRole refuses a second one, unknown services and suffixes', async () => {
  const create = (input: object) => iam.refused('CreateServiceLinkedRole', { ...input })
  expect(await create({ AWSServiceName })).toBe(
    `InvalidInputException 400: Service role name ${NAME} has been taken in this account, please try a different suffix.`,
  )
  expect(await create({ AWSServiceName: 'x.amazonaws.com' })).toMatch(/^InvalidInputException 400/)
  expect(await create({ AWSServiceName, CustomSuffix: 's' })).toBe(
    `InvalidInputException 400: Custom suffix is not allowed for ${AWSServiceName}`,
  )
})
