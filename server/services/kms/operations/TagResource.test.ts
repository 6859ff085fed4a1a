// TagResource as callers see it.
import {
  ListResourceTagsCommand,
  type Tag,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { recordOf } from '../testing/recorded.ts'
import { serverWithKey } from '../testing/server-with-key.ts'
import {
  alterKey,
  FOREIGN,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
} from '../testing/stored-key.ts'

const on = serverWithKey()

function tag(Tags: Tag[], KeyId = on.key.id) {
  return on.kms.send(new TagResourceCommand({ KeyId, Tags }))
}

function one(TagKey: string, TagValue = 'v'): Tag[] {
  return [{ TagKey, TagValue }]
}

/** As many different tags as asked for. */
function many(count: number, from = 0): Tag[] {
  return Array.from({ length: count }, (_, index) => ({ TagKey: `k${from + index}`, TagValue: '' }))
}

async function tagsOf(KeyId: string): Promise<Record<string, string>> {
  const { Tags } = await on.kms.send(new ListResourceTagsCommand({ KeyId }))
  return Object.fromEntries((Tags ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]))
}

it('TagResource answers with an empty body, adds tags and keeps those that are there', async () => {
  const body = `{"KeyId":"${on.key.arn}","Tags":[{"TagKey":"Team","TagValue":"Payroll"}]}`
  const answer = await sendSigned(on.server, 'TagResource', body)
  expect([answer.status, answer.body]).toEqual([200, {}])
  await tag([...one('Stage', 'test'), ...one('Empty', '')])
  expect(await tagsOf(on.key.id)).toEqual({ Team: 'Payroll', Stage: 'test', Empty: '' })
})

it('TagResource gives a tag that is there a new value', async () => {
  const other = await newKey(on.kms)
  await tag(one('Stage', 'test'), other.id)
  await tag([...one('Stage', 'live'), ...one('stage', 'lower')], other.id)
  expect(await tagsOf(other.id)).toEqual({ Stage: 'live', stage: 'lower' })
})

it('TagResource with no tags changes nothing', async () => {
  const other = await newKey(on.kms)
  await tag([], other.id)
  expect(await tagsOf(other.id)).toEqual({})
})

it.each([
  ['k', ''],
  ['k'.repeat(128), 'v'.repeat(256)],
  ['a b_c.d/e=f+g-h:i@j', 'Ä \u65e5\u672c 42 _./=+-:@'],
  ['laws:are', 'aws:value'],
  ['__proto__', 'constructor'],
  ['\u{1d54f}', '\u{1d54f}'],
])('TagResource takes %j with the value %j', async (TagKey, TagValue) => {
  const other = await newKey(on.kms)
  await tag([{ TagKey, TagValue }], other.id)
  const { Tags } = await on.kms.send(new ListResourceTagsCommand({ KeyId: other.id }))
  expect(Tags).toEqual([{ TagKey, TagValue }])
})

it.each(['aws:team', 'AWS:team', 'aws:'])(
  'TagResource refuses the reserved key %s',
  async (name) => {
    expect(await refusalOf(tag(one(name)))).toEqual(
      refusal('TagException', 'Tags beginning with aws: are reserved'),
    )
  },
)

it.each([
  ['k&', 'v'],
  ['k', 'a & b'],
  ['k', '<v>'],
  ['k*', 'v'],
  ['k\0', 'v'],
  ['k', 'v\0'],
  ['k\n', 'v'],
  ['k', '\ud800'],
  ['k', '\u{1f511}'],
])('TagResource refuses %j with the value %j', async (TagKey, TagValue) => {
  const body = JSON.stringify({ KeyId: on.key.id, Tags: [{ TagKey, TagValue }] })
  const answer = await sendSigned(on.server, 'TagResource', body)
  expect([answer.status, answer.body]).toMatchObject([
    400,
    { __type: 'TagException', message: 'Invalid tag' },
  ])
})

it('TagResource tells each member that is beyond its limit by its place', async () => {
  const long = 'k'.repeat(129)
  const longValue = 'v'.repeat(257)
  const at = (value: string, place: string, sentence: string) =>
    `Value '${value}' at '${place}' failed to satisfy constraint: Member must have length ${sentence}`
  expect(await refusalOf(tag([...one('k'), ...one(''), ...one(long, longValue)]))).toEqual(
    invalid(
      at('', 'tags.2.member.tagKey', 'greater than or equal to 1'),
      at(long, 'tags.3.member.tagKey', 'less than or equal to 128'),
      at(longValue, 'tags.3.member.tagValue', 'less than or equal to 256'),
    ),
  )
  const body = `{"KeyId":"${on.key.id}","Tags":[{}]}`
  expect((await sendSigned(on.server, 'TagResource', body)).body.message).toBe(
    "2 validation errors detected: Value null at 'tags.1.member.tagKey' failed to satisfy constraint: Member must not be null; Value null at 'tags.1.member.tagValue' failed to satisfy constraint: Member must not be null",
  )
  expect((await sendSigned(on.server, 'TagResource', '{}')).body.message).toBe(
    "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value null at 'tags' failed to satisfy constraint: Member must not be null",
  )
})

it.each([
  '{"KeyId":"k","Tags":{}}',
  '{"KeyId":"k","Tags":["k"]}',
  '{"KeyId":"k","Tags":[{"TagKey":1,"TagValue":"v"}]}',
])('TagResource refuses %s as not serialised', async (body) => {
  expect((await sendSigned(on.server, 'TagResource', body)).body.__type).toBe(
    'SerializationException',
  )
})

it('TagResource refuses a key that stands twice in one request', async () => {
  expect(await refusalOf(tag([...one('k', 'a'), ...one('k', 'a')]))).toEqual(
    refusal('TagException', 'Duplicate tag keys'),
  )
})

it('TagResource gives a key 50 tags and no more', async () => {
  const other = await newKey(on.kms)
  const tooMany = refusal('TagException', 'Too many tags')
  expect(await refusalOf(tag(many(51), other.id))).toEqual(tooMany)
  await tag(many(49), other.id)
  expect(await refusalOf(tag(many(2, 49), other.id))).toEqual(tooMany)
  await tag(many(50), other.id)
  // One that is there already takes no place; one that is removed frees it.
  await tag(many(50), other.id)
  expect(await refusalOf(tag(many(1, 50), other.id))).toEqual(tooMany)
  await on.kms.send(new UntagResourceCommand({ KeyId: other.id, TagKeys: ['k0'] }))
  await tag(many(1, 50), other.id)
  expect(Object.keys(await tagsOf(other.id))).toHaveLength(50)
})

it('TagResource keeps to 50 tags where many are added at once', async () => {
  const other = await newKey(on.kms)
  await tag(many(45), other.id)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => tag(many(1, 45 + index), other.id)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(Object.keys(await tagsOf(other.id))).toHaveLength(50)
})

it('TagResource takes a disabled key and refuses one that is pending deletion', async () => {
  const other = await newKey(on.kms)
  await alterKey(on.server, other, { state: 'Disabled' })
  await tag(one('k'), other.id)
  await alterKey(on.server, other, { state: 'PendingDeletion' })
  const expected = refusal('KMSInvalidStateException', `${other.arn} is pending deletion.`)
  expect(await refusalOf(tag(one('k'), other.id))).toEqual(expected)
  // The state of the key comes before what is wrong with the tags.
  expect(await refusalOf(tag(one('aws:k'), other.id))).toEqual(expected)
})

it('TagResource checks validity, then permission, then existence', async () => {
  const told = async (KeyId: string, Tags: Tag[]) => (await refusalOf(tag(Tags, KeyId))).name
  const foreign = FOREIGN
  const closed = await newKey(on.kms)
  await alterKey(on.server, closed, { policy: POLICY_WITHOUT_DELEGATION, state: 'PendingDeletion' })
  expect(await told(foreign, one(''))).toBe('ValidationException')
  expect(await told(foreign, one('aws:k'))).toBe('AccessDeniedException')
  expect(await told(closed.id, one('aws:k'))).toBe('AccessDeniedException')
  expect(await told(NO_KEY_ID, one('aws:k'))).toBe('NotFoundException')
})

it('TagResource is recorded with the tags', async () => {
  expect(await recordOf(on.server, tag(one('Department', 'IT')))).toMatchObject({
    eventName: 'TagResource',
    readOnly: false,
    requestParameters: {
      keyId: on.key.id,
      tags: [{ tagKey: 'Department', tagValue: 'IT' }],
    },
    responseElements: { keyId: on.key.arn },
    resources: [{ ARN: on.key.arn }],
  })
})
