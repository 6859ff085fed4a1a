// The encryption context as bytes: the same for the same context, other for any other.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fields } from '../../../crypto/fields.ts'
import { associatedBytes, contextProblem, type EncryptionContext } from './encryption-context.ts'

const HEADER = Buffer.from('header')

/** The bytes of the context alone, copied: those that come are only lent. */
function contextBytes(context: EncryptionContext | undefined): Buffer {
  const bytes = associatedBytes(HEADER, context)
  expect(bytes.subarray(0, HEADER.length)).toEqual(HEADER)
  return Buffer.from(bytes.subarray(HEADER.length))
}

const hex = (context: EncryptionContext | undefined) => contextBytes(context).toString('hex')

/** The same by the plain rule: pairs sorted by Buffer.compare, each text with its length before it. */
function plainBytes(context: EncryptionContext): Buffer {
  const pairs = Object.keys(context).map((key) => [
    Buffer.from(key),
    Buffer.from(context[key] ?? ''),
  ])
  pairs.sort(([left], [right]) => Buffer.compare(left as Buffer, right as Buffer))
  return fields(...pairs.flat())
}

describe('the bytes of a context', () => {
  it('are each key and value with its length before it', () => {
    expect(hex({ a: 'bc' })).toBe(`${'0000000161'}${'000000026263'}`)
    expect(hex({ ü: '' })).toBe(`${'00000002c3bc'}${'00000000'}`)
  })

  it('are none for no context, and for an empty one', () => {
    expect(hex(undefined)).toBe('')
    expect(hex({})).toBe('')
  })

  it('do not depend on the order of the pairs', () => {
    expect(hex({ a: '1', b: '2', c: '3' })).toBe(hex({ c: '3', a: '1', b: '2' }))
    expect(hex({ '10': 'x', '9': 'y', b: 'z' })).toBe(hex({ b: 'z', '9': 'y', '10': 'x' }))
  })

  it('depend on case, on spaces and on the form of Unicode', () => {
    const contexts = [
      { Key: 'v' },
      { key: 'v' },
      { key: 'V' },
      { key: 'v ' },
      { ' key': 'v' },
      { 'k\u00e9y': 'v' },
      { 'ke\u0301y': 'v' },
      { key: '\ufeffv' },
    ] as EncryptionContext[]
    expect(new Set(contexts.map(hex)).size).toBe(contexts.length)
  })

  it.each([
    [{ a: 'bc' }, { ab: 'c' }],
    [{ a: '' }, { '': 'a' }],
    [{ a: 'b', c: 'd' }, { a: 'bcd' }],
    [{ a: 'b', c: 'd' }, { ab: 'cd' }],
    [{ a: 'b' }, { a: 'b', '': '' }],
    [{ a: '\0\0\0\x01b' }, { a: '', b: '' }],
    [
      { a: 'b', c: 'd' },
      { a: 'd', c: 'b' },
    ],
    [{ a: 'b' }, {}],
    [{ '': '' }, {}],
  ] as [EncryptionContext, EncryptionContext][])('are other ones for %j and %j', (left, right) => {
    expect(hex(left)).not.toBe(hex(right))
  })

  it('are sorted by UTF-8 bytes, which beyond the BMP is not the order of JavaScript', () => {
    const beyond = '\u{1f511}'
    const within = '\uff5e'
    expect([beyond, within].sort()).toEqual([beyond, within])
    const bytes = contextBytes({ [beyond]: '1', [within]: '2' })
    expect(bytes.indexOf(Buffer.from(within))).toBeLessThan(bytes.indexOf(Buffer.from(beyond)))
    expect(hex({ [within]: '2', [beyond]: '1' })).toBe(bytes.toString('hex'))
  })

  it('are those of the plain rule, for any text in any planes of Unicode', () => {
    const character = fc.oneof(
      fc.constantFrom(
        'a',
        'b',
        '\u007f',
        '\u0080',
        '\u07ff',
        '\u0800',
        '\ud7ff',
        '\ue000',
        '\uffff',
      ),
      fc.constantFrom('\u{10000}', '\u{1f511}', '\u{10ffff}', '\u{10fffe}'),
    )
    const text = fc.string({ unit: character, maxLength: 4 })
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 12 }), (context) => {
        expect(hex(context)).toBe(plainBytes(context).toString('hex'))
      }),
      { numRuns: 3000 },
    )
  })

  it('are whole for contexts of any length, short ones after long ones included', () => {
    for (const length of [1, 5000, 8191, 20_000, 3, 100_000, 0, 50]) {
      for (const letter of ['v', '\u4e2d', '\u{1f511}']) {
        const context = { k: letter.repeat(length), [letter.repeat(length + 1)]: 'v' }
        expect(hex(context)).toBe(plainBytes(context).toString('hex'))
      }
    }
  })

  it('take keys like __proto__ for keys', () => {
    const context = Object.assign(Object.create(null), JSON.parse('{"constructor":"1"}'))
    Object.defineProperty(context, '__proto__', { value: '2', enumerable: true })
    expect(contextBytes(context).includes(Buffer.from('__proto__'))).toBe(true)
    expect(hex(context)).not.toBe(hex({ constructor: '1' } as unknown as EncryptionContext))
  })

  it('are the same for the same pairs only, in whatever order', () => {
    const pairs = fc.uniqueArray(
      fc.tuple(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 })),
      { maxLength: 4, selector: ([key]) => key },
    )
    const sorted = (list: [string, string][]) => JSON.stringify([...list].sort())
    fc.assert(
      fc.property(pairs, pairs, (left, right) => {
        const [one, two] = [left, right].map((list) => hex(Object.fromEntries(list)))
        expect(one === two).toBe(sorted(left) === sorted(right))
        expect(hex(Object.fromEntries([...left].reverse()))).toBe(one)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a context', () => {
  const INVALID = 'The encryption context holds text that is not valid Unicode.'

  it.each([
    { a: '\ud800' },
    { a: '\udc00' },
    { '\ud83d': 'a' },
    { '\udd11\ud83d': 'a' },
    { a: 'b', c: 'x\ud800y' },
  ] as EncryptionContext[])('with a lone surrogate is refused: %j', (context) => {
    expect(contextProblem(context, 100)).toBe(INVALID)
  })

  it('of which two would become the same bytes is refused in both forms', () => {
    expect(hex({ a: '\ud800' })).toBe(hex({ a: '\udc00' }))
    expect(contextProblem({ a: '\ud800' }, 100)).toBe(INVALID)
    expect(contextProblem({ a: '\udc00' }, 100)).toBe(INVALID)
  })

  it('with a whole pair of surrogates is taken', () => {
    expect(contextProblem({ '\u{1f511}': '\u{1f511}' }, 100)).toBeUndefined()
  })

  it('may have as many characters as the limit says, of keys and values together', () => {
    expect(contextProblem(undefined, 0)).toBeUndefined()
    expect(contextProblem({}, 0)).toBeUndefined()
    expect(contextProblem({ ab: 'cde' }, 5)).toBeUndefined()
    expect(contextProblem({ ab: 'cde' }, 4)).toBe(
      'The encryption context is longer than 4 characters.',
    )
    expect(contextProblem({ a: 'b', c: 'de' }, 4)).toContain('longer than 4')
  })
})
