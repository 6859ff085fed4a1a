// Numbers, times and base64, read strictly.
import * as sdk from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operationSchema } from './operation-schema.ts'
import { jsonReader, ShapeMismatch } from './read-json.ts'

const encrypt = jsonReader(operationSchema(sdk.Encrypt$).input)
const random = jsonReader(operationSchema(sdk.GenerateRandom$).input)
const importMaterial = jsonReader(operationSchema(sdk.ImportKeyMaterial$).input)

const read = (body: string, reader = encrypt) => reader(JSON.parse(body))

function refusal(body: string, reader = encrypt): string {
  try {
    read(body, reader)
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeMismatch)
    return (error as Error).message
  }
  throw new Error('the value was read')
}

describe('a number', () => {
  it.each(['1e999', '-1e999'])('is refused where it is beyond all numbers: %s', (value) => {
    expect(refusal(`{"NumberOfBytes":${value}}`, random)).toBe(
      'Unexpected number found where a number belongs',
    )
    expect(refusal(`{"ValidTo":${value}}`, importMaterial)).toBe(
      'Unexpected number found where a timestamp belongs',
    )
  })

  it.each(['100000000001', '-100000000001', '1e300'])(
    'is refused as a timestamp beyond the calendar: %s',
    (value) => {
      expect(refusal(`{"ValidTo":${value}}`, importMaterial)).toBe(
        'Unexpected number found where a timestamp belongs',
      )
    },
  )

  it('is seconds since 1970 as a timestamp, to the millisecond', () => {
    expect(read('{"ValidTo":1767225600.123}', importMaterial).ValidTo).toEqual(
      new Date('2026-01-01T00:00:00.123Z'),
    )
  })
})

describe('base64', () => {
  const blob = (text: string) => `{"Plaintext":${JSON.stringify(text)}}`

  it.each([
    ['', ''],
    ['YQ==', 'a'],
    ['YWI=', 'ab'],
    ['YWJj', 'abc'],
    ['+/+/', '\xfb\xff\xbf'],
  ])('%j is read', (text, bytes) => {
    expect(read(blob(text)).Plaintext).toEqual(Buffer.from(bytes, 'latin1'))
  })

  it.each([
    ['without padding', 'YQ'],
    ['with half its padding', 'YQ='],
    ['with too much padding', 'YWI=='],
    ['with padding only', '===='],
    ['with padding first', '=YQ='],
    ['with padding in the middle', 'YQ==YQ=='],
    ['with one character too many', 'YWJjY'],
    ['with a line break', 'YWJj\nYWJj'],
    ['with a line break for a character', 'YWJ\n'],
    ['with a space', ' YWJ'],
    ['in the URL alphabet (-)', 'YW-j'],
    ['in the URL alphabet (_)', 'YW_j'],
    ['with another character', 'YW!j'],
    ['with a null', 'YWJ\0'],
    ['with a letter beyond Latin-1 that ends in the bits of A', 'YW\u0141j'],
    ['with an emoji', 'YW😀'],
    ['with a lone surrogate', 'YWJ\ud800'],
  ])('is refused %s', (_how, text) => {
    expect(refusal(blob(text))).toBe('Invalid base64 value')
  })

  it('is refused with any single character of it replaced by one that is not of its alphabet', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc
          .integer({ min: 0, max: 0xffff })
          .map((code) => String.fromCharCode(code))
          .filter((character) => !/[A-Za-z0-9+/=]/.test(character)),
        (bytes, where, character) => {
          const text = Buffer.from(bytes).toString('base64')
          const at = where % text.length
          expect(refusal(blob(text.slice(0, at) + character + text.slice(at + 1)))).toBe(
            'Invalid base64 value',
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})
