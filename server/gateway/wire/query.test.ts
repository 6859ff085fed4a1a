// The query protocol on bytes: forms in, XML out.
import * as iam from '@aws-sdk/client-iam'
import * as sdk from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { AwsError, SerializationException, ValidationException } from '../../contract/errors.ts'
import type { AnyOperation } from '../../contract/operation.ts'
import { operationSchema } from '../../schema/operation-schema.ts'
import { queryErrors } from '../../schema/query-errors.ts'
import {
  ExpiredTokenException,
  IncompleteSignatureException,
  InvalidSignatureException,
  MissingAuthenticationTokenException,
  UnrecognizedClientException,
} from '../sigv4/errors.ts'
import { readForm } from './form.ts'
import { type QueryWire, queryCodec, queryError } from './query.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const operation = (schema: Parameters<typeof operationSchema>[0]) =>
  ({ schema: operationSchema(schema) }) as unknown as AnyOperation
const STS: QueryWire = {
  kind: 'query',
  apiVersion: '2011-06-15',
  xmlNamespace: NAMESPACE,
  errors: queryErrors(sdk),
}
const IAM: QueryWire = { ...STS, apiVersion: '2010-05-08', errors: queryErrors(iam) }
const identity = queryCodec(operation(sdk.GetCallerIdentity$), STS)
const assumeRole = queryCodec(operation(sdk.AssumeRole$), STS)

describe('an input', () => {
  const read = (text: string, codec = assumeRole) => codec.read(readForm(Buffer.from(text)))

  it('has the members of the schema and nothing else', () => {
    const form =
      'Action=AssumeRole&RoleArn=A%20%2B+%C3%BC&Tags.member.1.Key=k&Tags.member.1.Value=&Other=1'
    expect(read(form)).toEqual({ RoleArn: 'A + ü', Tags: [{ Key: 'k', Value: '' }] })
    expect(read(form, identity)).toEqual({})
  })

  it.each([
    ['RoleArn=a&RoleArn=b', 'RoleArn is given more than once.'],
    ['RoleArn=%zz', 'The request is not a form in UTF-8.'],
    ['DurationSeconds=x', 'Expected an integer'],
    ['Tags.member.2.Key=k', 'The entries of a list must be numbered from 1 without a gap'],
  ])('that is malformed is told in the words of this protocol: %s', (text, message) => {
    expect(() => read(text)).toThrow(new SerializationException(message))
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

  it('writes lists, times, blobs, numbers and booleans as AWS does', () => {
    const body = (schema: Parameters<typeof operation>[0], output: object) =>
      queryCodec(operation(schema), IAM).output(output, 'id').body
    expect(
      body(iam.ListAccessKeys$, {
        AccessKeyMetadata: [
          { UserName: 'u', CreateDate: new Date('2026-03-01T12:00:00Z') },
          { UserName: 'v', CreateDate: new Date('2026-03-01T12:00:00.250Z') },
        ],
        IsTruncated: false,
      }),
    ).toContain(
      '<ListAccessKeysResult><AccessKeyMetadata><member><UserName>u</UserName><CreateDate>2026-03-01T12:00:00Z</CreateDate></member><member><UserName>v</UserName><CreateDate>2026-03-01T12:00:00.250Z</CreateDate></member></AccessKeyMetadata><IsTruncated>false</IsTruncated></ListAccessKeysResult>',
    )
    expect(body(iam.ListAccessKeys$, { AccessKeyMetadata: [] })).toContain(
      '<ListAccessKeysResult><AccessKeyMetadata/></ListAccessKeysResult>',
    )
    expect(body(iam.GetCredentialReport$, { Content: Buffer.from('abc') })).toContain(
      '<Content>YWJj</Content>',
    )
    expect(body(iam.GetAccountSummary$, { SummaryMap: { Users: 3 } })).toContain(
      '<SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap>',
    )
  })

  it('has no result where the operation has no output, and an empty one where that has no members', () => {
    const body = (schema: Parameters<typeof operation>[0]) =>
      queryCodec(operation(schema), STS).output({}, 'id').body
    const metadata = '<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>'
    expect(body(iam.DeleteUser$)).toBe(
      `<DeleteUserResponse xmlns="${NAMESPACE}">${metadata}</DeleteUserResponse>`,
    )
    expect(body(iam.UpdateRole$)).toBe(
      `<UpdateRoleResponse xmlns="${NAMESPACE}"><UpdateRoleResult/>${metadata}</UpdateRoleResponse>`,
    )
  })

  it('keeps line ends, which a parser would change', () => {
    expect(identity.output({ Arn: 'a\r\nb' }, 'id').body).toContain('<Arn>a&#xD;&#xA;b</Arn>')
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
    [new ExpiredTokenException(), 'ExpiredToken', 403],
    [new IncompleteSignatureException('m'), 'IncompleteSignature', 400],
    [new MissingAuthenticationTokenException(), 'MissingAuthenticationToken', 403],
    [new UnrecognizedClientException(), 'InvalidClientTokenId', 403],
    [new ValidationException('m'), 'ValidationError', 400],
    [new SerializationException('m'), 'MalformedInput', 400],
  ])('has the code of this protocol: %s is %s', (error, code, status) => {
    const reply = queryError(error, 'id', STS)
    expect(reply.status).toBe(status)
    expect(reply.body).toContain(`<Type>Sender</Type><Code>${code}</Code>`)
  })

  it('of the server is told as one of the receiver', () => {
    const reply = queryError(new InternalFailure('m'), 'the-id', STS)
    expect(reply).toEqual({
      status: 500,
      contentType: 'text/xml',
      body: `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>m</Message></Error><RequestId>the-id</RequestId></ErrorResponse>`,
    })
  })

  it('escapes its message', () => {
    expect(queryError(new ValidationException('<script>'), 'id', STS).body).toContain(
      '<Message>&lt;script&gt;</Message>',
    )
  })

  it('holds no character that XML 1.0 does not have', () => {
    const { body } = queryError(new ValidationException('a\0b\x1b[c\ud800\uffff\td'), 'id', STS)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly what XML 1.0 §2.2 forbids.
    expect(body).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/)
    expect(body.isWellFormed()).toBe(true)
  })
})

describe('an error of a service', () => {
  const error = (name: string) => {
    const named = class extends AwsError {}
    Object.defineProperty(named, 'name', { value: name })
    return new named('m')
  }

  it.each([
    [IAM, 'NoSuchEntityException', 'NoSuchEntity', 404],
    [IAM, 'EntityAlreadyExistsException', 'EntityAlreadyExists', 409],
    [IAM, 'DeleteConflictException', 'DeleteConflict', 409],
    [IAM, 'LimitExceededException', 'LimitExceeded', 409],
    [IAM, 'MalformedPolicyDocumentException', 'MalformedPolicyDocument', 400],
    [IAM, 'InvalidInputException', 'InvalidInput', 400],
    [IAM, 'ServiceNotSupportedException', 'NotSupportedService', 404],
    [IAM, 'OrganizationNotFoundException', 'OrganizationNotFoundException', 400],
    [STS, 'PackedPolicyTooLargeException', 'PackedPolicyTooLarge', 400],
    [STS, 'ExpiredTokenException', 'ExpiredTokenException', 400],
    [STS, 'RegionDisabledException', 'RegionDisabledException', 403],
  ])('has the code and status that the SDK knows: %#', (wire, name, code, status) => {
    const reply = queryError(error(name), 'id', wire)
    expect(reply.body).toContain(`<Type>Sender</Type><Code>${code}</Code>`)
    expect(reply.status).toBe(status)
  })

  it('of which the SDK knows nothing has its own name, also where objects have such a member', () => {
    expect(queryError(error('Whatever'), 'id', IAM).body).toContain('<Code>Whatever</Code>')
    expect(queryError(error('toString'), 'id', IAM).body).toContain('<Code>toString</Code>')
    expect(queryError(error('NoSuchEntityException'), 'id', STS).status).toBe(400)
  })

  it('with the server at fault is told as one of the receiver', () => {
    const { status, body } = queryError(error('ServiceFailureException'), 'id', IAM)
    expect(status).toBe(500)
    expect(body).toContain('<Type>Receiver</Type><Code>ServiceFailure</Code>')
  })

  it('of no service at all has the namespace of faults', () => {
    expect(queryError(new ValidationException('m'), 'id', undefined).body).toContain(
      'xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"',
    )
  })
})
