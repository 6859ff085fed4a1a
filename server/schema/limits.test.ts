// Every limit and its words. https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
import * as sdk from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import {
  all,
  checker,
  each,
  type Limit,
  length,
  lowerFirst,
  oneOf,
  pattern,
  range,
  validationMessage,
} from './limits.ts'
import { operationSchema } from './operation-schema.ts'
import { ShapeMismatch } from './read-json.ts'

const encrypt = operationSchema(sdk.Encrypt$).input
const random = operationSchema(sdk.GenerateRandom$).input
const TOO_LONG = 'Member must have length less than or equal to 3'
const TOO_SHORT = 'Member must have length greater than or equal to 2'

describe('a length', () => {
  it.each([
    ['characters', 'abcd', 'abc', 'ab', 'a'],
    ['bytes', Buffer.alloc(4), Buffer.alloc(3), Buffer.alloc(2), Buffer.alloc(1)],
    ['other bytes', new Uint8Array(4), new Uint8Array(3), new Uint8Array(2), new Uint8Array(1)],
    ['entries', [1, 2, 3, 4], [1, 2, 3], [1, 2], [1]],
    ['pairs', { a: 1, b: 2, c: 3, d: 4 }, { a: 1, b: 2, c: 3 }, { a: 1, b: 2 }, { a: 1 }],
  ])('counts %s', (_what, four, three, two, one) => {
    const limit = length(2, 3)
    expect(limit.explain(four)).toEqual([TOO_LONG])
    expect(limit.explain(three)).toEqual([])
    expect(limit.explain(two)).toEqual([])
    expect(limit.explain(one)).toEqual([TOO_SHORT])
  })
})

describe('a range', () => {
  const limit = range(1, 1024)
  it('has both its ends in it', () => {
    expect(limit.explain(1)).toEqual([])
    expect(limit.explain(1024)).toEqual([])
    expect(limit.explain(1025)).toEqual(['Member must have value less than or equal to 1024'])
    expect(limit.explain(0)).toEqual(['Member must have value greater than or equal to 1'])
    expect(limit.explain(-1)).toEqual(['Member must have value greater than or equal to 1'])
  })

  it.each([1.5, 1e-300, Number.NaN, Number.POSITIVE_INFINITY, '5', true])(
    'holds whole numbers only, not %s',
    (value) => {
      expect(() => limit.explain(value)).toThrow(new ShapeMismatch('Expected an integer'))
    },
  )
})

describe('an enumeration', () => {
  const limit = oneOf({ AES_256: 'AES_256', AES_128: 'AES_128' })
  it('holds its words, in their case', () => {
    expect(limit.explain('AES_256')).toEqual([])
    for (const word of ['aes_256', 'AES_512', '', 'toString', '__proto__', ' AES_256']) {
      expect(limit.explain(word)).toEqual([
        'Member must satisfy enum value set: [AES_256, AES_128]',
      ])
    }
  })
})

describe('a pattern', () => {
  it('is told as it was written', () => {
    const limit = pattern(/^alias\/[a-z]+$/)
    expect(limit.explain('alias/a')).toEqual([])
    expect(limit.explain('a')).toEqual([
      'Member must satisfy regular expression pattern: ^alias\\/[a-z]+$',
    ])
  })
})

describe('several limits', () => {
  it('are asked in order, the later ones only where the earlier hold', () => {
    const limit = all(length(2, 3), oneOf({ AB: 'ab' }))
    expect(limit.explain('bbbb')).toEqual([TOO_LONG])
    expect(limit.explain('bb')).toEqual(['Member must satisfy enum value set: [ab]'])
    expect(limit.explain('ab')).toEqual([])
  })

  it('on each entry are told once, with all that each must satisfy', () => {
    const limit = each(length(2, 3))
    const sentence = `Member must satisfy constraint: [${TOO_LONG}, ${TOO_SHORT}]`
    expect(limit.explain(['ab', 'abcd', 'a'])).toEqual([sentence])
    expect(limit.explain({ x: 'ab', y: 'a' })).toEqual([sentence])
    const named = each(all(length(2, 3), oneOf({ AB: 'ab' })))
    expect(named.explain(['abc'])).toEqual([
      `Member must satisfy constraint: [${TOO_LONG}, ${TOO_SHORT}, Member must satisfy enum value set: [ab]]`,
    ])
    expect(limit.explain(['ab', 'abc'])).toEqual([])
    expect(limit.explain([])).toEqual([])
  })
})

describe('a checked input', () => {
  const limits: Record<string, Limit> = {
    KeyId: length(2, 3),
    Plaintext: length(2, 3),
    GrantTokens: length(0, 1),
    EncryptionAlgorithm: oneOf({ A: 'A' }),
  }
  const check = checker(encrypt, limits)

  it('without a required member is told so', () => {
    expect(check({ KeyId: 'ab' })).toEqual([
      "Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
    ])
  })

  it('has no problem where it satisfies every limit, and absent members none', () => {
    expect(check({ KeyId: 'ab', Plaintext: Buffer.alloc(2) })).toEqual([])
  })

  it('lists every problem, in the order of the schema', () => {
    expect(
      check({ KeyId: 'a', EncryptionAlgorithm: 'B', GrantTokens: ['x', 'y'] }).map((problem) =>
        problem.slice(0, problem.indexOf(' failed')),
      ),
    ).toEqual([
      "Value 'a' at 'keyId'",
      "Value null at 'plaintext'",
      "Value '[x, y]' at 'grantTokens'",
      "Value 'B' at 'encryptionAlgorithm'",
    ])
  })

  it('never shows bytes or what is sensitive', () => {
    const [problem] = check({ KeyId: 'ab', Plaintext: Buffer.from('a secret') })
    expect(problem).toBe(`Value at 'plaintext' failed to satisfy constraint: ${TOO_LONG}`)
  })

  it('shows maps as AWS does', () => {
    const context = checker(encrypt, { EncryptionContext: length(0, 1) })
    const problems = context({
      KeyId: 'k',
      Plaintext: Buffer.alloc(1),
      EncryptionContext: { a: 'b', c: 'd' },
    })
    expect(problems).toEqual([
      "Value '{a=b, c=d}' at 'encryptionContext' failed to satisfy constraint: Member must have length less than or equal to 1",
    ])
  })

  it('of a wrong kind of number is no matter of limits', () => {
    const numbers = checker(random, { NumberOfBytes: range(1, 2) })
    expect(() => numbers({ NumberOfBytes: 1.5 })).toThrow(ShapeMismatch)
  })

  it('cannot be limited in a member that it does not have', () => {
    expect(() => checker(encrypt, { Nothing: length(0, 1) })).toThrow(
      'EncryptRequest has no member Nothing to limit',
    )
  })
})

it('a message counts its problems', () => {
  expect(validationMessage(['a'])).toBe('1 validation error detected: a')
  expect(validationMessage(['a', 'b'])).toBe('2 validation errors detected: a; b')
})

it('member names begin in lower case', () => {
  expect([lowerFirst('KeyId'), lowerFirst(''), lowerFirst('x')]).toEqual(['keyId', '', 'x'])
})
