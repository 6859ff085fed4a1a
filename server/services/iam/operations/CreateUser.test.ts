// CreateUser as callers see it.
import { expect, it } from 'vitest'
import { arnOf, iamServer } from '../testing/iam-server.ts'
import { allowing } from '../testing/stores.ts'

const iam = iamServer()

it('CreateUser answers the user, as GetUser does afterwards', async () => {
  const before = Date.now()
  const Tags = [{ Key: 'k', Value: 'v' }]
  const { User } = await iam.call('CreateUser', { UserName: 'Alice', Path: '/x/', Tags })
  expect(User).toEqual({
    Path: '/x/',
    UserName: 'Alice',
    UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    Arn: arnOf('user/x/Alice'),
    CreateDate: expect.any(Date),
    Tags,
  })
  expect(User.CreateDate.getTime()).toBeGreaterThanOrEqual(before - 1000)
  expect(await iam.call('GetUser', { UserName: 'Alice' })).toEqual({ User })
})

it('CreateUser takes no name twice, whatever its case', async () => {
  await iam.call('CreateUser', { UserName: 'twice' })
  expect(await iam.refused('CreateUser', { UserName: 'TWICE', Path: '/other/' })).toBe(
    'EntityAlreadyExistsException 409: User with name TWICE already exists.',
  )
})

it('CreateUser refuses names, paths and tags that are none', async () => {
  for (const UserName of ['a b', 'a/b', 'ä', 'a:b']) {
    expect(await iam.refused('CreateUser', { UserName })).toBe(
      'ValidationError 400: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    )
  }
  const refused = (input: object) => iam.refused('CreateUser', { UserName: 'u', ...input })
  expect(await refused({ UserName: 'x'.repeat(65) })).toContain('less than or equal to 64')
  expect(await refused({ Path: 'x' })).toContain("at 'path' failed")
  expect(await refused({ Path: '/x' })).toContain("at 'path' failed")
  const Tags = [
    { Key: 'k', Value: '1' },
    { Key: 'K', Value: '2' },
  ]
  expect(await refused({ Tags })).toMatch(/^InvalidInputException 400: Duplicate tag keys found/)
  expect(await refused({ Tags: [{ Key: 'aws:x', Value: '' }] })).toMatch(/reserved/)
  const many = Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' }))
  expect(await refused({ Tags: many })).toContain('less than or equal to 50')
  await iam.call('CreateUser', { UserName: 'x'.repeat(64), Tags: many.slice(1) })
})

it('CreateUser takes a boundary that exists, and no other', async () => {
  const { Policy } = await iam.call('CreatePolicy', {
    PolicyName: 'B',
    PolicyDocument: allowing('kms:*'),
  })
  const { User } = await iam.call('CreateUser', {
    UserName: 'b',
    PermissionsBoundary: Policy.Arn,
  })
  expect(User.PermissionsBoundary).toEqual({
    PermissionsBoundaryType: 'Policy',
    PermissionsBoundaryArn: Policy.Arn,
  })
  const none = arnOf('policy/None')
  expect(await iam.refused('CreateUser', { UserName: 'c', PermissionsBoundary: none })).toBe(
    `NoSuchEntityException 404: Policy ${none} does not exist or is not attachable.`,
  )
})

it('CreateUser needs iam:CreateUser on the user to be, and iam:TagUser where it is tagged', async () => {
  const arn = arnOf('user/p/made')
  await iam.needs('CreateUser', { UserName: 'made', Path: '/p/' }, [['iam:CreateUser', arn]])
  const tagged = arnOf('user/tagged')
  await iam.needs('CreateUser', { UserName: 'tagged', Tags: [{ Key: 'k', Value: 'v' }] }, [
    ['iam:CreateUser', tagged],
    ['iam:TagUser', tagged],
  ])
})

it('CreateUser tells policies its tags and its boundary', async () => {
  const boundary = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess'
  const caller = await iam.user([['iam:*', '*']], {
    Condition: {
      StringEquals: { 'aws:RequestTag/team': 'blue', 'iam:PermissionsBoundary': boundary },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
    },
  })
  const input = {
    UserName: 'told',
    PermissionsBoundary: boundary,
    Tags: [{ Key: 'team', Value: 'blue' }],
  }
  const more = [...input.Tags, { Key: 'other', Value: '' }]
  expect(await iam.refused('CreateUser', { ...input, Tags: more }, caller)).toMatch(/^AccessDenied/)
  expect(await iam.refused('CreateUser', { ...input, Tags: [] }, caller)).toMatch(/^AccessDenied/)
  const { PermissionsBoundary: _, ...unbounded } = input
  expect(await iam.refused('CreateUser', unbounded, caller)).toMatch(/^AccessDenied/)
  await iam.call('CreateUser', input, caller)
})
