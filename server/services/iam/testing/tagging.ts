// The tests of tags, for users, roles and policies alike.
import { expect, it } from 'vitest'
import { arnOf, type IamServer, iamServer } from './iam-server.ts'
import { makeHolder, makePolicy } from './people.ts'

type Kind = 'user' | 'role' | 'policy'
const WORDS = { user: 'User', role: 'Role', policy: 'Policy' } as const

async function make(iam: IamServer, kind: Kind, name: string, more: object = {}) {
  if (kind !== 'policy') return makeHolder(iam, kind, name, more)
  return { PolicyArn: await makePolicy(iam, name, undefined, more) }
}

const none = (kind: Kind) =>
  kind === 'policy' ? { PolicyArn: arnOf('policy/none') } : { [`${WORDS[kind]}Name`]: 'none' }
const missing = (kind: Kind) =>
  kind === 'policy'
    ? `NoSuchEntityException 404: Policy ${arnOf('policy/none')} was not found.`
    : `NoSuchEntityException 404: The ${kind} with name none cannot be found.`

export function testTag(kind: Kind): void {
  const iam = iamServer()
  const operation = `Tag${WORDS[kind]}`
  const tagsOf = async (named: Readonly<Record<string, unknown>>) =>
    (await iam.call(`List${WORDS[kind]}Tags`, named)).Tags

  it(`${operation} adds tags, and gives one that is there its new value, whatever its case`, async () => {
    const named = await make(iam, kind, 'tagged', { Tags: [{ Key: 'Team', Value: 'blue' }] })
    const Tags = [
      { Key: 'team', Value: 'red' },
      { Key: 'empty', Value: '' },
    ]
    expect(await iam.call(operation, { ...named, Tags })).toEqual({})
    expect(await tagsOf(named)).toEqual([
      { Key: 'empty', Value: '' },
      { Key: 'team', Value: 'red' },
    ])
  })

  it(`${operation} refuses fifty-one, doubles and AWS’s own`, async () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: 'v' }))
    const named = await make(iam, kind, 'full', { Tags: many })
    const tag = (...Tags: object[]) => iam.refused(operation, { ...named, Tags })
    expect(await tag({ Key: 'more', Value: '' })).toMatch(/^LimitExceededException 409: /)
    expect(await tag({ Key: 'a', Value: '' }, { Key: 'A', Value: '' })).toMatch(
      /^InvalidInputException 400: Duplicate tag keys/,
    )
    expect(await tag({ Key: 'AWS:a', Value: '' })).toMatch(/^InvalidInputException 400: .*reserved/)
    expect(await tag({ Key: 'a{', Value: '' })).toContain("at 'tags.1.member.key' failed")
    expect(await tag({ Key: 'a', Value: 'x'.repeat(257) })).toContain("at 'tags.1.member.value'")
    expect(await iam.refused(operation, { ...none(kind), Tags: [] })).toBe(missing(kind))
  })

  it(`${operation} needs iam:${operation} on the ${kind}, for the tags there are and are to be`, async () => {
    const named = await make(iam, kind, 'needs', { Tags: [{ Key: 'owner', Value: 'me' }] })
    const arn = arnOf(`${kind}/needs`)
    const Tags = [{ Key: 'team', Value: 'blue' }]
    await iam.needs(operation, { ...named, Tags }, [[`iam:${operation}`, arn]])
    const limited = await iam.user([[`iam:${operation}`, '*']], {
      Condition: {
        StringEquals: { 'aws:ResourceTag/owner': 'me', 'aws:RequestTag/team': 'blue' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
      },
    })
    await iam.call(operation, { ...named, Tags }, limited)
    const wrong = [
      { ...named, Tags: [{ Key: 'team', Value: 'red' }] },
      { ...named, Tags: [...Tags, { Key: 'other', Value: '' }] },
      { ...(await make(iam, kind, 'foreign')), Tags },
    ]
    for (const input of wrong) {
      expect(await iam.refused(operation, input, limited)).toMatch(/^AccessDenied 403: /)
    }
  })
}

export function testUntag(kind: Kind): void {
  const iam = iamServer()
  const operation = `Untag${WORDS[kind]}`
  const Tags = [
    { Key: 'a', Value: '1' },
    { Key: 'B', Value: '2' },
  ]

  it(`${operation} removes tags, whatever their case; those that are not there are none`, async () => {
    const named = await make(iam, kind, 'tagged', { Tags })
    expect(await iam.call(operation, { ...named, TagKeys: ['b', 'c'] })).toEqual({})
    expect((await iam.call(`List${WORDS[kind]}Tags`, named)).Tags).toEqual([Tags[0]])
    expect(await iam.refused(operation, { ...none(kind), TagKeys: ['a'] })).toBe(missing(kind))
    expect(await iam.refused(operation, { ...named, TagKeys: ['{'] })).toContain("at 'tagKeys'")
  })

  it(`${operation} needs iam:${operation} on the ${kind}, for aws:TagKeys`, async () => {
    const named = await make(iam, kind, 'needs', { Tags })
    const arn = arnOf(`${kind}/needs`)
    const limited = await iam.user([[`iam:${operation}`, arn]], {
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } },
    })
    expect(await iam.refused(operation, { ...named, TagKeys: ['B'] }, limited)).toMatch(
      /^AccessDenied 403: /,
    )
    await iam.call(operation, { ...named, TagKeys: ['a'] }, limited)
    await iam.needs(operation, { ...named, TagKeys: ['B'] }, [[`iam:${operation}`, arn]])
  })
}

export function testListTags(kind: Kind): void {
  const iam = iamServer()
  const operation = `List${WORDS[kind]}Tags`

  it(`${operation} lists by key, page by page`, async () => {
    const Tags = ['c', 'a', 'b'].map((Key) => ({ Key, Value: `of ${Key}` }))
    const named = await make(iam, kind, 'tagged', { Tags })
    const first = await iam.call(operation, { ...named, MaxItems: 2 })
    expect(first).toEqual({
      Tags: [Tags[1], Tags[2]],
      IsTruncated: true,
      Marker: expect.any(String),
    })
    const { Marker } = first
    expect(await iam.call(operation, { ...named, Marker })).toEqual({
      Tags: [Tags[0]],
      IsTruncated: false,
    })
    expect(await iam.refused(operation, none(kind))).toBe(missing(kind))
  })

  it(`${operation} needs iam:${operation} on the ${kind}`, async () => {
    const named = await make(iam, kind, 'needs')
    await iam.needs(operation, named, [[`iam:${operation}`, arnOf(`${kind}/needs`)]])
  })
}
