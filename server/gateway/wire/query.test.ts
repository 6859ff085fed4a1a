// The query protocol on bytes: forms in, XML out.
import * as sdk from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { AwsError, SerializationException, ValidationException } from '../../contract/errors.ts'
import type { AnyOperation } from '../../contract/operation.ts'
import { operationSchema } from '../../schema/operation-schema.ts'
import {
  IncompleteSignatureException,
  InvalidSignatureException,
  MissingAuthenticationTokenException,
  UnrecognizedClientException,
} from '../sigv4/errors.ts'
import { formParameters, isForm, queryCodec, queryError } from './query.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const operation = (schema: Parameters<typeof operationSchema>[0]) =>
  ({ schema: operationSchema(schema) }) as unknown as AnyOperation
const identity = queryCodec(operation(sdk.GetCallerIdentity$), NAMESPACE)
const accessKeyInfo = queryCodec(operation(sdk.GetAccessKeyInfo$), NAMESPACE)

describe('a form', () => {
  it('gives the members of the schema, decoded, and nothing else', () => {
    const body = Buffer.from(
      'Action=GetAccessKeyInfo&AccessKeyId=A%20%2B+%C3%BC&__proto__=x&Other=1',
    )
    expect(accessKeyInfo.read(body)).toEqual({ AccessKeyId: 'A + ü' })
    expect(identity.read(body)).toEqual({})
  })

  it('with a parameter given twice is refused, since nobody could say which was meant', () => {
    expect(() => formParameters(Buffer.from('Action=a&Version=1&Action=b'))).toThrow(
      new SerializationException('Action is given more than once.'),
    )
    expect(() => formParameters(Buffer.from('Action=a&%41ction=b'))).toThrow('Action is given')
  })

  it('that is broken is read without a crash', () => {
    for (const body of ['', '&', '=', '%', '%zz=%', 'Action', '\0', '&&a&&', 'a=%C3']) {
      expect(formParameters(Buffer.from(body)).get('Action') ?? '').toBe('')
    }
  })

  it('is told by its content type, parameters and case aside', () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'Application/X-WWW-Form-URLEncoded',
      'application/x-www-form-urlencoded; charset=utf-8',
    ]) {
      expect(isForm(type), type).toBe(true)
    }
    for (const type of [
      undefined,
      '',
      'application/x-www-form-urlencoded2',
      'multipart/form-data',
      'application/json',
    ]) {
      expect(isForm(type), type).toBe(false)
    }
  })
})

describe('an answer', () => {
  it('has the members of the schema as elements, and the request id', () => {
    const reply = identity.output({ Account: '111122223333', UserId: 'u', Arn: 'a' }, 'the-id')
    expect(reply.contentType).toBe('text/xml')
    expect(reply.body).toBe(
      `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><UserId>u</UserId><Account>111122223333</Account><Arn>a</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    )
  })

  it('escapes what XML would take for markup', () => {
    const { body } = identity.output({ Arn: `<a b="c" d='e'>&amp;</a>` }, 'id')
    expect(body).toContain(
      '<Arn>&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;amp;&lt;/a&gt;</Arn>',
    )
  })

  it('leaves out members that are absent', () => {
    expect(identity.output({ Arn: 'a' }, 'id').body).not.toContain('UserId')
  })
})

describe('an error', () => {
  class InternalFailure extends AwsError {
    override readonly status: number = 500
  }

  it.each([
    [new InvalidSignatureException('m'), 'SignatureDoesNotMatch', 403],
    [new IncompleteSignatureException('m'), 'IncompleteSignature', 400],
    [new MissingAuthenticationTokenException(), 'MissingAuthenticationToken', 403],
    [new UnrecognizedClientException(), 'InvalidClientTokenId', 403],
    [new ValidationException('m'), 'ValidationError', 400],
    [new SerializationException('m'), 'MalformedInput', 400],
  ])('has the code of this protocol: %s is %s', (error, code, status) => {
    const reply = queryError(error, 'id', NAMESPACE)
    expect(reply.status).toBe(status)
    expect(reply.body).toContain(`<Type>Sender</Type><Code>${code}</Code>`)
  })

  it('of the server is told as one of the receiver', () => {
    const reply = queryError(new InternalFailure('m'), 'the-id', NAMESPACE)
    expect(reply).toEqual({
      status: 500,
      contentType: 'text/xml',
      body: `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>m</Message></Error><RequestId>the-id</RequestId></ErrorResponse>`,
    })
  })

  it('escapes its message', () => {
    expect(queryError(new ValidationException('<script>'), 'id', NAMESPACE).body).toContain(
      '<Message>&lt;script&gt;</Message>',
    )
  })

  it('holds no character that XML 1.0 does not have', () => {
    const { body } = queryError(
      new ValidationException('a\0b\x1b[c\ud800\uffff\td'),
      'id',
      NAMESPACE,
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly what XML 1.0 §2.2 forbids.
    expect(body).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/)
    expect(body.isWellFormed()).toBe(true)
  })
})

it('an operation with members that this protocol cannot carry yet fails at start', () => {
  expect(() => queryCodec(operation(sdk.AssumeRole$), NAMESPACE)).toThrow(/^query: no .* yet/)
})
