// Which operation a form means, where several services have actions.
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import type { Plan } from '../pipeline/plan.ts'
import { operationSchema } from '../schema/operation-schema.ts'
import { createRouter } from './router.ts'

const VERSION = '2026-01-01'
const plan = (service: string, schema: Parameters<typeof operationSchema>[0], version = VERSION) =>
  ({
    name: operationSchema(schema).name,
    operation: { schema: operationSchema(schema) },
    service: {
      name: service,
      maxBodyBytes: 1000,
      wire: { kind: 'query', apiVersion: version, xmlNamespace: service, errors: {} },
    },
  }) as unknown as Plan

const router = createRouter([
  plan('one', iam.TagUser$),
  plan('two', iam.TagUser$),
  plan('old', iam.TagUser$, '2010-01-01'),
  plan('two', sts.AssumeRole$),
])

const post = (form: string, authorization?: string) =>
  router.byForm({
    method: 'POST',
    url: '/',
    contentType: 'application/x-www-form-urlencoded',
    authorization,
    body: Buffer.from(form),
  })
const scope = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKID/20260301/us-east-1/${service}/aws4_request, SignedHeaders=host`

it('an action of several services is that of the service the signature is for', () => {
  const form = `Action=TagUser&Version=${VERSION}`
  expect(post(form, scope('two')).plan.service.name).toBe('two')
  expect(post(form, scope('one')).plan.service.name).toBe('one')
  const credential = encodeURIComponent('AKID/20260301/us-east-1/two/aws4_request')
  expect(post(`${form}&X-Amz-Credential=${credential}`).plan.service.name).toBe('two')
})

it('one of another version is not taken, whatever the signature is for', () => {
  expect(post('Action=TagUser&Version=2010-01-01', scope('one')).plan.service.name).toBe('old')
  expect(() => post('Action=AssumeRole&Version=2010-01-01', scope('two'))).toThrow(
    'Could not find operation AssumeRole for version 2010-01-01',
  )
})

it('an action that only another service has is that one, which then refuses the signature', () => {
  expect(post(`Action=AssumeRole&Version=${VERSION}`, scope('one')).plan.service.name).toBe('two')
})

it('a form is read once, with the parameters of query string and body', () => {
  const { codec } = router.byForm({
    method: 'POST',
    url: `/?Action=TagUser&Version=${VERSION}&UserName=bob`,
    contentType: 'application/x-www-form-urlencoded; charset=utf-8',
    authorization: undefined,
    body: Buffer.from('Tags.member.1.Key=k&Tags.member.1.Value=v'),
  })
  expect(codec.read(Buffer.alloc(0))).toEqual({
    UserName: 'bob',
    Tags: [{ Key: 'k', Value: 'v' }],
  })
})

it('a long action or version is not repeated whole', () => {
  const long = 'x'.repeat(900)
  expect(() => post(`Action=${long}`)).toThrow(
    `Could not find operation ${'x'.repeat(128)} for version NO_VERSION_SPECIFIED`,
  )
})

it('an error before the operation is known is told as the request would be answered', () => {
  const told = (url: string, contentType?: string) =>
    router.errorWriter({ url, contentType })(new TypeError('m') as never, 'id').contentType
  expect(told('/', 'application/x-www-form-urlencoded')).toBe('text/xml')
  expect(told('/?Version=1&Action=x')).toBe('text/xml')
  expect(told('/?a=1')).toBe('application/x-amz-json-1.1')
  expect(told('/', 'application/x-amz-json-1.1')).toBe('application/x-amz-json-1.1')
})
