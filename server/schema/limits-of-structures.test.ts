// Limits on the members of structures in a list, and AWS's words for their places.
import * as sdk from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { checker, length, structures } from './limits.ts'
import { operationSchema } from './operation-schema.ts'

const { input } = operationSchema(sdk.TagResource$)
const check = checker(input, {
  Tags: structures({ TagKey: length(1, 3), TagValue: length(0, 2) }),
})

it('Structures within their limits have no problems', () => {
  expect(check({ KeyId: 'k', Tags: [] })).toEqual([])
  expect(check({ KeyId: 'k', Tags: [{ TagKey: 'abc', TagValue: '' }] })).toEqual([])
})

it('Each problem is told with its place, counted from one', () => {
  const Tags = [
    { TagKey: 'abc', TagValue: '' },
    { TagKey: '' },
    { TagKey: 'abcd', TagValue: 'abc' },
  ]
  expect(check({ Tags })).toEqual([
    "Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    "Value '' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
    "Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null",
    "Value 'abcd' at 'tags.3.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 3",
    "Value 'abc' at 'tags.3.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 2",
  ])
})

it('Limits on members that there are not, or of what is no list of structures, fail at once', () => {
  expect(() => checker(input, { Tags: structures({ Tag: length(1, 2) }) })).toThrow(
    'Tag has no member Tag to limit',
  )
  expect(() => checker(input, { KeyId: structures({}) })).toThrow(
    'KeyId is neither a structure nor a list of such',
  )
})

it('The members of one structure are told with its name', () => {
  const store = operationSchema(sdk.UpdateCustomKeyStore$).input
  const credential = checker(store, {
    XksProxyAuthenticationCredential: structures({ AccessKeyId: length(1, 2) }),
  })
  const given = { XksProxyAuthenticationCredential: { AccessKeyId: 'abc' } }
  expect(credential({ CustomKeyStoreId: 'k', ...given })).toEqual([
    "Value at 'xksProxyAuthenticationCredential.accessKeyId' failed to satisfy constraint: Member must have length less than or equal to 2",
    "Value null at 'xksProxyAuthenticationCredential.rawSecretAccessKey' failed to satisfy constraint: Member must not be null",
  ])
})
