// SimulateCustomPolicy as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder } from '../testing/people.ts'
import { allowing, denying } from '../testing/stores.ts'

const iam = iamServer()
const OPERATION = 'SimulateCustomPolicy'

it('SimulateCustomPolicy decides by the policies that it is given, and by no others', async () => {
  const PolicyInputList = [allowing('kms:*'), denying('kms:CreateKey')]
  const ActionNames = ['kms:ListKeys', 'kms:CreateKey', 's3:GetObject']
  const { EvaluationResults } = await iam.call(OPERATION, { PolicyInputList, ActionNames })
  expect(EvaluationResults).toEqual(
    [
      ['kms:ListKeys', 'allowed', ['PolicyInputList.1']],
      ['kms:CreateKey', 'explicitDeny', ['PolicyInputList.2']],
      ['s3:GetObject', 'implicitDeny', []],
    ].map(([action, decision, policies]) => ({
      EvalActionName: action,
      EvalResourceName: '*',
      EvalDecision: decision,
      MatchedStatements: (policies as string[]).map((SourcePolicyId) => ({
        SourcePolicyId,
        SourcePolicyType: 'IAM Policy',
      })),
      MissingContextValues: [],
    })),
  )
})

it('SimulateCustomPolicy counts a boundary and a resource policy for the caller that is named', async () => {
  const named = await makeHolder(iam, 'user', 'caller')
  await iam.call('PutUserPolicy', {
    ...named,
    PolicyName: 'p',
    PolicyDocument: allowing('*'),
  })
  const decide = async (input: object) => {
    const { EvaluationResults } = await iam.call(OPERATION, {
      PolicyInputList: [allowing('sqs:*')],
      ActionNames: ['sqs:SendMessage', 'kms:ListKeys'],
      ...input,
    })
    return EvaluationResults.map(({ EvalDecision }: { EvalDecision: string }) => EvalDecision)
  }
  const CallerArn = arnOf('user/caller')
  // The policies of the caller do not count, only who it is.
  expect(await decide({ CallerArn })).toEqual(['allowed', 'implicitDeny'])
  const PermissionsBoundaryPolicyInputList = [allowing('kms:*')]
  expect(await decide({ PermissionsBoundaryPolicyInputList })).toEqual([
    'implicitDeny',
    'implicitDeny',
  ])
  const ResourcePolicy = denying('sqs:*').replace(
    '"Resource"',
    `"Principal":{"AWS":"${CallerArn}"},"Resource"`,
  )
  expect(await decide({ ResourcePolicy, CallerArn, ActionNames: ['sqs:SendMessage'] })).toEqual([
    'explicitDeny',
  ])
  expect(
    await iam.refused(OPERATION, { ResourcePolicy, PolicyInputList: [], ActionNames: ['a:B'] }),
  ).toMatch(/^InvalidInputException 400: .*CallerArn/)
})

it('SimulateCustomPolicy needs iam:SimulateCustomPolicy', async () => {
  const input = { PolicyInputList: [allowing('kms:*')], ActionNames: ['kms:ListKeys'] }
  await iam.needs(OPERATION, input, [[`iam:${OPERATION}`, '*']])
})
