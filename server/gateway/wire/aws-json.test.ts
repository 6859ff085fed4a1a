// The JSON protocols on bytes: what is read, what is refused and in which words.
import * as sdk from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { AwsError, SerializationException } from '../../contract/errors.ts'
import type { AnyOperation } from '../../contract/operation.ts'
import { operationSchema } from '../../schema/operation-schema.ts'
import { awsJsonCodec, isAwsJson, jsonError } from './aws-json.ts'

const codecOf = (schema: Parameters<typeof operationSchema>[0]) =>
  awsJsonCodec({ schema: operationSchema(schema) } as unknown as AnyOperation, '1.1')

const encrypt = codecOf(sdk.Encrypt$)
const decrypt = codecOf(sdk.Decrypt$)
const random = codecOf(sdk.GenerateRandom$)
const importMaterial = codecOf(sdk.ImportKeyMaterial$)
const createGrant = codecOf(sdk.CreateGrant$)
const disableKey = codecOf(sdk.DisableKey$)

const read = (body: string | Buffer, codec = encrypt) => codec.read(Buffer.from(body))

function refusal(body: string | Buffer, codec = encrypt): string {
  try {
    read(body, codec)
  } catch (error) {
    expect(error).toBeInstanceOf(SerializationException)
    return (error as Error).message
  }
  throw new Error('the body was read')
}

describe('a body', () => {
  it('may be empty, which is an input without members', () => {
    expect(read('')).toEqual({})
  })

  it('may begin with a byte order mark, which is not part of it', () => {
    expect(read('\ufeff{"KeyId":"1"}')).toEqual({ KeyId: '1' })
    expect(refusal('\ufeff\ufeff{"KeyId":"1"}')).toBe('The request body is not valid JSON.')
  })

  it.each([
    '{',
    '{"KeyId"',
    '{"KeyId":',
    '{"KeyId":"1',
    '{"KeyId":"1"',
    '{"KeyId":"1"}}',
    '{"KeyId":"1"} x',
    "{'KeyId':'1'}",
    '{KeyId:"1"}',
    '{"KeyId":"1",}',
    '{"KeyId":NaN}',
    '{"KeyId":undefined}',
    '{"KeyId":"\n"}',
    '\u0000',
    ' ',
    'null x',
  ])('is refused where it is not JSON: %j', (body) => {
    expect(refusal(body)).toBe('The request body is not valid JSON.')
  })

  it('is refused at every length at which it is cut off', () => {
    const body = Buffer.from('{"KeyId":"ü","Plaintext":"YWJj","EncryptionContext":{"a":"b"}}')
    for (let length = 1; length < body.length; length++) {
      expect(refusal(body.subarray(0, length))).toBe('The request body is not valid JSON.')
    }
  })

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['a lone continuation', [0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['Latin-1', [0xfc]],
  ])('is refused where it is not UTF-8: %s', (_what, bytes) => {
    const body = Buffer.concat([Buffer.from('{"KeyId":"'), Buffer.from(bytes), Buffer.from('"}')])
    expect(refusal(body)).toBe('The request body is not valid JSON.')
  })

  it.each([
    ['[]', 'list'],
    ['null', 'null'],
    ['"text"', 'string'],
    ['1', 'number'],
    ['true', 'boolean'],
  ])('is refused where it is not a structure: %s', (body, found) => {
    expect(refusal(body)).toBe(`Unexpected ${found} found where a structure belongs`)
  })
})

describe('a member', () => {
  it('that is null is absent', () => {
    expect(read('{"KeyId":null,"Plaintext":null,"EncryptionContext":null}')).toEqual({})
  })

  it('that is unknown is ignored, whatever it holds', () => {
    expect(read('{"Unknown":{"a":[1,{}]},"keyid":"x","KeyId":"1"}')).toEqual({ KeyId: '1' })
  })

  it('that is given twice counts as the last one says', () => {
    expect(read('{"KeyId":"1","KeyId":"2"}')).toEqual({ KeyId: '2' })
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'called %s changes no prototype and is no member',
    (name) => {
      const input = read(`{"${name}":{"KeyId":"1"},"KeyId":"2"}`)
      expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
      expect(Object.keys(input)).toEqual(['KeyId'])
      expect(({} as Record<string, unknown>).KeyId).toBeUndefined()
    },
  )

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'that is a map has the key %s like any other',
    (key) => {
      const { EncryptionContext: context } = read(`{"EncryptionContext":{"${key}":"v"}}`)
      expect(Object.keys(context as object)).toEqual([key])
      expect((context as Record<string, string>)[key]).toBe('v')
      expect(Object.getPrototypeOf(context)).toBeNull()
    },
  )

  it('that is missing is not found on a prototype', () => {
    const polluted = JSON.parse('{"__proto__":{"KeyId":"1"}}')
    expect(read(JSON.stringify({ a: 1 }))).toEqual({})
    expect(Object.hasOwn(read(JSON.stringify(polluted)), 'KeyId')).toBe(false)
  })

  it.each([
    ['a string', encrypt, 'KeyId', ['1', 'true', '[]', '{}', '["x"]']],
    ['a boolean', encrypt, 'DryRun', ['"true"', '1', '0', '[]', '{}']],
    ['a number', random, 'NumberOfBytes', ['"32"', 'true', '[]', '{}', '[32]']],
    ['a base64 string', encrypt, 'Plaintext', ['1', 'true', '[]', '{}', '[97]']],
    ['a list', encrypt, 'GrantTokens', ['"x"', '1', 'true', '{}', '{"0":"x"}']],
    ['a map', encrypt, 'EncryptionContext', ['"x"', '1', 'true', '[]', '[["a","b"]]']],
    ['a structure', decrypt, 'Recipient', ['"x"', '1', 'true', '[]']],
    ['a timestamp', importMaterial, 'ValidTo', ['"2026-01-01T00:00:00Z"', 'true', '[]', '{}']],
  ])('that is %s is refused as anything else', (kind, codec, name, values) => {
    for (const value of values) {
      const found = Array.isArray(JSON.parse(value)) ? 'list' : typeof JSON.parse(value)
      expect(refusal(`{"${name}":${value}}`, codec)).toBe(
        `Unexpected ${found} found where ${kind} belongs`,
      )
    }
  })

  it.each([
    ['{"GrantTokens":["a",1]}', encrypt, 'Unexpected number found where a string belongs'],
    ['{"GrantTokens":["a",null]}', encrypt, 'Unexpected null found where a string belongs'],
    ['{"EncryptionContext":{"a":1}}', encrypt, 'Unexpected number found where a string belongs'],
    ['{"EncryptionContext":{"a":null}}', encrypt, 'Unexpected null found where a string belongs'],
    [
      '{"Recipient":{"AttestationDocument":7}}',
      decrypt,
      'Unexpected number found where a base64 string belongs',
    ],
    [
      '{"Constraints":{"EncryptionContextSubset":[]}}',
      createGrant,
      'Unexpected list found where a map belongs',
    ],
  ])('is read as strictly further inside: %s', (body, codec, message) => {
    expect(refusal(body, codec)).toBe(message)
  })
})

it('very deep JSON is read or refused, never a crash', () => {
  for (const depth of [1000, 100_000]) {
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(read(`{"Unknown":${deep}}`)).toEqual({})
    expect(refusal(`{"KeyId":${deep}}`)).toBe('Unexpected list found where a string belongs')
    expect(refusal(`{"Unknown":${'{"a":'.repeat(depth)}`)).toBe(
      'The request body is not valid JSON.',
    )
  }
})

describe('an answer', () => {
  it('has the members of the schema and no others', () => {
    const { status, contentType, body } = encrypt.output(
      { CiphertextBlob: Buffer.from('abc'), KeyId: 'x', Secret: 'y' },
      'id',
    )
    expect({ status, contentType }).toEqual({
      status: 200,
      contentType: 'application/x-amz-json-1.1',
    })
    expect(JSON.parse(body)).toEqual({ CiphertextBlob: 'YWJj', KeyId: 'x' })
  })

  it('is an empty body where the operation has no output', () => {
    expect(disableKey.output({}, 'id').body).toBe('')
  })

  it('that is an error names its class, and escapes its message', () => {
    class SomethingException extends AwsError {}
    expect(jsonError(new SomethingException('say "no"\n'))).toEqual({
      status: 400,
      contentType: 'application/x-amz-json-1.1',
      body: '{"__type":"SomethingException","message":"say \\"no\\"\\n"}',
    })
    expect(jsonError(new SomethingException()).body).toBe('{"__type":"SomethingException"}')
  })
})

it('a content type is AWS JSON with any parameters and in any case, and nothing else is', () => {
  for (const type of [
    'application/x-amz-json-1.1',
    'application/x-amz-json-1.0',
    'Application/X-Amz-JSON-1.1',
    'application/x-amz-json-1.1; charset=utf-8',
    'application/x-amz-json-1.1 ;charset="utf-8"',
  ]) {
    expect(isAwsJson(type), type).toBe(true)
  }
  for (const type of [
    undefined,
    '',
    'application/json',
    'application/x-amz-json-1.2',
    'application/x-amz-json-1.10',
    'application/x-amz-json-1.1, application/json',
    'text/plain; application/x-amz-json-1.1',
    'application/x-www-form-urlencoded',
  ]) {
    expect(isAwsJson(type), type).toBe(false)
  }
})
