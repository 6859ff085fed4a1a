// CreatePolicy as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()
const PolicyDocument = allowing('kms:*')

it('CreatePolicy answers the policy, and GetPolicy the same with its description', async () => {
  const Tags = [{ Key: 'k', Value: 'v' }]
  const input = { PolicyName: 'P', Path: '/x/', PolicyDocument, Description: 'd', Tags }
  const { Policy } = await iam.call('CreatePolicy', input)
  expect(Policy).toEqual({
    PolicyName: 'P',
    PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
    Arn: arnOf('policy/x/P'),
    Path: '/x/',
    DefaultVersionId: 'v1',
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: expect.any(Date),
    UpdateDate: expect.any(Date),
    Tags,
  })
  expect((await iam.call('GetPolicy', { PolicyArn: Policy.Arn })).Policy).toEqual({
    ...Policy,
    Description: 'd',
  })
})

it('CreatePolicy takes no name twice, in any path', async () => {
  await iam.call('CreatePolicy', { PolicyName: 'twice', PolicyDocument })
  const again = { PolicyName: 'TWICE', Path: '/x/', PolicyDocument }
  expect(await iam.refused('CreatePolicy', again)).toBe(
    'EntityAlreadyExistsException 409: A policy called TWICE already exists. Duplicate names are not allowed.',
  )
})

it('CreatePolicy refuses what is no policy, and what is longer than 6,144 characters', async () => {
  const create = (document: string, PolicyName = 'refused') => ({
    PolicyName,
    PolicyDocument: document,
  })
  expect(await iam.refused('CreatePolicy', create('{}'))).toMatch(
    /^MalformedPolicyDocumentException 400: /,
  )
  const empty = allowing('kms:*', { Resource: '*', Sid: '' })
  const ofSize = (size: number) =>
    allowing('kms:*', { Resource: '*', Sid: 'x'.repeat(size - empty.length) })
  expect(await iam.refused('CreatePolicy', create(ofSize(6145)))).toBe(
    'LimitExceededException 409: Cannot exceed quota for PolicySize: 6144',
  )
  await iam.call('CreatePolicy', create(` ${ofSize(6144)}\n`, 'longest'))
})

it('CreatePolicy needs iam:CreatePolicy on the policy to be, and iam:TagPolicy where it is tagged', async () => {
  const arn = arnOf('policy/needs')
  const Tags = [{ Key: 'k', Value: 'v' }]
  await iam.needs('CreatePolicy', { PolicyName: 'needs', PolicyDocument, Tags }, [
    ['iam:CreatePolicy', arn],
    ['iam:TagPolicy', arn],
  ])
})
