// UntagResource as callers see it.
import {
  ListResourceTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { recordOf } from '../testing/recorded.ts'
import { serverWithKey } from '../testing/server-with-key.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKey } from '../testing/stored-key.ts'

const on = serverWithKey()

async function tag(...names: string[]) {
  const Tags = names.map((TagKey) => ({ TagKey, TagValue: 'v' }))
  await on.kms.send(new TagResourceCommand({ KeyId: on.key.id, Tags }))
}

function untag(TagKeys: string[], KeyId = on.key.id) {
  return on.kms.send(new UntagResourceCommand({ KeyId, TagKeys }))
}

async function tagKeys(): Promise<(string | undefined)[]> {
  const { Tags } = await on.kms.send(new ListResourceTagsCommand({ KeyId: on.key.id }))
  return (Tags ?? []).map(({ TagKey }) => TagKey)
}

it('UntagResource answers with an empty body and removes the tags that it names', async () => {
  await tag('a', 'b', 'c', 'A')
  const body = `{"KeyId":"${on.key.arn}","TagKeys":["a","c"]}`
  const answer = await sendSigned(on.server, 'UntagResource', body)
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect((await tagKeys()).sort()).toEqual(['A', 'b'])
})

it('UntagResource succeeds where a tag is not there, stands twice, or none is named', async () => {
  await tag('a')
  await untag([])
  await untag(['a', 'a', 'never'])
  await untag(['a'])
  expect(await tagKeys()).not.toContain('a')
})

it('UntagResource refuses keys that no tag of a caller has', async () => {
  for (const name of ['aws:team', 'AWS:x']) {
    expect(await refusalOf(untag([name]))).toEqual(
      refusal('TagException', 'Tags beginning with aws: are reserved'),
    )
  }
  expect(await refusalOf(untag(['a&b']))).toEqual(refusal('TagException', 'Invalid tag'))
})

it('UntagResource takes tag keys of 1 to 128 characters', async () => {
  await untag(['k'.repeat(128), 'k'])
  for (const name of ['', 'k'.repeat(129)]) {
    expect(await refusalOf(untag(['ok', name]))).toEqual(
      refusal(
        'ValidationException',
        `1 validation error detected: Value '[ok, ${name}]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]`,
      ),
    )
  }
  expect((await sendSigned(on.server, 'UntagResource', '{}')).body.message).toContain(
    "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
  )
})

it('UntagResource takes a disabled key and refuses one that is pending deletion', async () => {
  const other = await newKey(on.kms)
  await alterKey(on.server, other, { state: 'Disabled' })
  await untag(['a'], other.id)
  await alterKey(on.server, other, { state: 'PendingDeletion' })
  expect(await refusalOf(untag(['a'], other.id))).toEqual(
    refusal('KMSInvalidStateException', `${other.arn} is pending deletion.`),
  )
})

it('UntagResource checks validity, then permission, then existence', async () => {
  const told = async (KeyId: string, TagKeys: string[]) =>
    (await refusalOf(untag(TagKeys, KeyId))).name
  const foreign = FOREIGN
  expect(await told(foreign, [''])).toBe('ValidationException')
  expect(await told(foreign, ['aws:k'])).toBe('AccessDeniedException')
  expect(await told(NO_KEY_ID, ['aws:k'])).toBe('NotFoundException')
})

it('UntagResource is recorded with the keys of the tags', async () => {
  expect(await recordOf(on.server, untag(['a']))).toMatchObject({
    eventName: 'UntagResource',
    readOnly: false,
    requestParameters: { keyId: on.key.id, tagKeys: ['a'] },
    responseElements: { keyId: on.key.arn },
    resources: [{ ARN: on.key.arn }],
  })
})
