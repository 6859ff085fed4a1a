// SimulatePrincipalPolicy as callers see it: it says what enforcement then does.
import { ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { ACCOUNT, arnOf, iamServer } from '../testing/iam-server.ts'
import { makeHolder, makePolicy } from '../testing/people.ts'
import { allowing, denying } from '../testing/stores.ts'

const iam = iamServer()
const OPERATION = 'SimulatePrincipalPolicy'

async function simulate(PolicySourceArn: string, ActionNames: string[], more: object = {}) {
  const { EvaluationResults } = await iam.call(OPERATION, { PolicySourceArn, ActionNames, ...more })
  return EvaluationResults
}
const decisions = async (...args: Parameters<typeof simulate>) =>
  (await simulate(...args)).map(({ EvalDecision }: { EvalDecision: string }) => EvalDecision)

it('says of each action what a call would meet, and the call meets it', async () => {
  const group = await makeHolder(iam, 'group', 'g')
  const user = await makeHolder(iam, 'user', 'u')
  await iam.call('AddUserToGroup', { ...group, ...user })
  const managed = await makePolicy(iam, 'Managed', allowing('kms:ListAliases'))
  await iam.call('AttachGroupPolicy', { ...group, PolicyArn: managed })
  const inline = allowing('kms:List*')
  await iam.call('PutUserPolicy', { ...user, PolicyName: 'p', PolicyDocument: inline })
  const kms = iam.server.kms({ credentials: await iam.keyOf('u') })
  const arn = arnOf('user/u')
  const actions = ['kms:ListKeys', 'kms:ListAliases', 'kms:CreateKey']
  const [keys, aliases, create] = await simulate(arn, actions)
  expect(keys).toEqual({
    EvalActionName: 'kms:ListKeys',
    EvalResourceName: '*',
    EvalDecision: 'allowed',
    MatchedStatements: [{ SourcePolicyId: 'user_u_p', SourcePolicyType: 'IAM Policy' }],
    MissingContextValues: [],
  })
  expect(aliases.MatchedStatements).toHaveLength(2)
  expect([create.EvalDecision, create.MatchedStatements]).toEqual(['implicitDeny', []])
  expect((await kms.send(new ListKeysCommand())).Keys).toEqual([])
  expect((await kms.send(new ListAliasesCommand())).Aliases).toEqual([])
  // With a policy that is not attached yet, and with one that is.
  const PolicyInputList = [denying('kms:ListKeys')]
  expect(await decisions(arn, actions, { PolicyInputList })).toEqual([
    'explicitDeny',
    'allowed',
    'implicitDeny',
  ])
  await iam.call('CreatePolicyVersion', {
    PolicyArn: managed,
    PolicyDocument: denying('kms:List*'),
    SetAsDefault: true,
  })
  const [denied] = await simulate(arn, actions)
  expect([denied.EvalDecision, denied.MatchedStatements[0].SourcePolicyId]).toEqual([
    'explicitDeny',
    'Managed',
  ])
  await expect(kms.send(new ListKeysCommand())).rejects.toThrow(/explicit deny/)
})

it('counts the boundary, and tells whether it allows', async () => {
  const boundary = await makePolicy(iam, 'B', allowing('kms:List*'))
  const role = await makeHolder(iam, 'role', 'r', { PermissionsBoundary: boundary })
  await iam.call('PutRolePolicy', { ...role, PolicyName: 'p', PolicyDocument: allowing('kms:*') })
  const results = await simulate(arnOf('role/r'), ['kms:ListKeys', 'kms:CreateKey'])
  expect(
    results.map((result: Record<string, object>) => [
      result.EvalDecision,
      result.PermissionsBoundaryDecisionDetail,
    ]),
  ).toEqual([
    ['allowed', { AllowedByPermissionsBoundary: true }],
    ['implicitDeny', { AllowedByPermissionsBoundary: false }],
  ])
  const PermissionsBoundaryPolicyInputList = [allowing('kms:Create*')]
  expect(
    await decisions(arnOf('role/r'), ['kms:ListKeys', 'kms:CreateKey'], {
      PermissionsBoundaryPolicyInputList,
    }),
  ).toEqual(['implicitDeny', 'allowed'])
})

it('names the condition keys that are missing, and takes those it is given', async () => {
  const user = await makeHolder(iam, 'user', 'c', { Tags: [{ Key: 'team', Value: 'blue' }] })
  const Condition = {
    IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
    StringEquals: { 'aws:PrincipalTag/team': 'blue', 'aws:username': 'c' },
  }
  const document = allowing('kms:ListKeys', { Resource: '*', Condition })
  await iam.call('PutUserPolicy', { ...user, PolicyName: 'p', PolicyDocument: document })
  const [without] = await simulate(arnOf('user/c'), ['kms:ListKeys'])
  expect([without.EvalDecision, without.MissingContextValues]).toEqual([
    'implicitDeny',
    ['aws:SourceIp'],
  ])
  const from = (address: string) => ({
    ContextEntries: [
      { ContextKeyName: 'aws:sourceip', ContextKeyValues: [address], ContextKeyType: 'ip' },
    ],
  })
  expect(await decisions(arnOf('user/c'), ['kms:ListKeys'], from('10.1.2.3'))).toEqual(['allowed'])
  expect(await decisions(arnOf('user/c'), ['kms:ListKeys'], from('11.1.2.3'))).toEqual([
    'implicitDeny',
  ])
})

it('a key policy must delegate; other resource policies allow by themselves', async () => {
  const user = await makeHolder(iam, 'user', 'k')
  const key = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`
  const ask = (Action: string, AWS: string, ResourceArns: string[]) =>
    decisions(arnOf('user/k'), [Action], {
      ResourceArns,
      ResourcePolicy: allowing(Action, { Resource: '*', Principal: { AWS } }),
    })
  expect(await ask('kms:Decrypt', arnOf('root'), [key])).toEqual(['implicitDeny'])
  expect(await ask('kms:Decrypt', arnOf('user/k'), [key])).toEqual(['allowed'])
  expect(await ask('sqs:SendMessage', arnOf('user/k'), ['*'])).toEqual(['allowed'])
  await iam.call('PutUserPolicy', {
    ...user,
    PolicyName: 'p',
    PolicyDocument: allowing('kms:Decrypt'),
  })
  expect(await ask('kms:Decrypt', arnOf('root'), [key])).toEqual(['allowed'])
  expect(await ask('kms:Decrypt', arnOf('user/other'), [key])).toEqual(['implicitDeny'])
})

it('answers every action for every resource, page by page', async () => {
  await makeHolder(iam, 'group', 'pages')
  const input = {
    PolicySourceArn: arnOf('group/pages'),
    ActionNames: ['kms:A', 'kms:B'],
    ResourceArns: ['*', 'arn:aws:kms:us-east-1:111122223333:key/1'],
  }
  const seen: string[] = []
  let Marker: string | undefined
  do {
    const page = await iam.call(OPERATION, { ...input, MaxItems: 3, Marker })
    for (const result of page.EvaluationResults) {
      seen.push(`${result.EvalActionName} ${result.EvalResourceName}`)
    }
    Marker = page.Marker
  } while (Marker !== undefined)
  expect(seen).toEqual(
    input.ActionNames.flatMap((action) => input.ResourceArns.map((arn) => `${action} ${arn}`)),
  )
})

it('refuses what is no action, policy or principal, and what it would have to ignore', async () => {
  const PolicySourceArn = arnOf('user/u')
  const refused = (more: object) =>
    iam.refused(OPERATION, { PolicySourceArn, ActionNames: ['kms:ListKeys'], ...more })
  expect(await refused({ ActionNames: ['kms:*'] })).toMatch(/^InvalidInputException 400/)
  expect(await refused({ PolicyInputList: ['{}'] })).toMatch(/^InvalidInputException 400/)
  expect(await refused({ PolicySourceArn: arnOf('policy/P') })).toMatch(/^InvalidInputException/)
  expect(await refused({ PolicySourceArn: arnOf('user/none') })).toMatch(/^NoSuchEntityException/)
  const Marker = Buffer.from('-5').toString('base64url')
  expect(await refused({ Marker })).toBe('ValidationError 400: Invalid Marker.')
  expect(await refused({ ResourceHandlingOption: 'EC2-Classic-EBS' })).toMatch(/not supported/)
  const ActionNames = Array.from({ length: 1000 }, () => 'kms:ListKeys')
  const PolicyInputList = Array.from({ length: 4 }, () =>
    allowing('kms:*', { Resource: '*', Sid: 'x'.repeat(9000) }),
  )
  expect(await refused({ ActionNames, PolicyInputList, MaxItems: 1000 })).toMatch(
    /^InvalidInputException 400: .*fewer/,
  )
})

it('needs iam:SimulatePrincipalPolicy on whose policies they are', async () => {
  await makeHolder(iam, 'user', 'needs')
  const input = { PolicySourceArn: arnOf('user/needs'), ActionNames: ['kms:ListKeys'] }
  await iam.needs(OPERATION, input, [[`iam:${OPERATION}`, arnOf('user/needs')]])
})
