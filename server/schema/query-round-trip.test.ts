// Our form reader and XML writer against the official SDK, for every operation of IAM and STS: what its
// clients send we read, and what we write they read.
import { Readable } from 'node:stream'
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import { HttpResponse } from '@smithy/core/protocols'
import type { StaticOperationSchema } from '@smithy/types'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnyOperation } from '../contract/operation.ts'
import { readForm } from '../gateway/wire/form.ts'
import { type QueryWire, queryCodec } from '../gateway/wire/query.ts'
import { operationSchema } from './operation-schema.ts'
import { arbitraryStructure, comparable } from './testing/arbitrary-values.ts'

const RUNS = 10
const IAM: QueryWire = {
  kind: 'query',
  apiVersion: '2010-05-08',
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  errors: {},
}
const STS: QueryWire = {
  kind: 'query',
  apiVersion: '2011-06-15',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  errors: {},
}

/** The body that a client sent last, and the one it is answered. */
const wire = { sent: '', answered: '' }
const options = {
  region: 'us-east-1',
  endpoint: 'http://localhost',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
  requestHandler: {
    handle: (request: { body?: unknown }) => {
      wire.sent = String(request.body ?? '')
      const response = new HttpResponse({
        statusCode: 200,
        headers: { 'content-type': 'text/xml' },
        body: Readable.from([Buffer.from(wire.answered)]),
      })
      return Promise.resolve({ response })
    },
  } as never,
}

type Sent = (command: never) => Promise<object>

const services = [
  { name: 'IAM', sdk: iam as object, wire: IAM, client: new iam.IAMClient(options), count: 180 },
  { name: 'STS', sdk: sts as object, wire: STS, client: new sts.STSClient(options), count: 11 },
]

describe.each(services)('$name', ({ sdk, wire: dialect, client, count }) => {
  const all = sdk as Record<string, unknown>
  const operations = Object.keys(all)
    .filter((name) => name.endsWith('Command') && name !== '$Command')
    .map((name) => name.slice(0, -'Command'.length))

  it('has all its operations here', () => {
    expect(operations).toHaveLength(count)
  })

  it.each(operations)(
    '%s is read as the SDK sends it, and written as the SDK reads it',
    async (name) => {
      const schema = operationSchema<object, object>(all[`${name}$`] as StaticOperationSchema)
      const codec = queryCodec({ schema } as unknown as AnyOperation, dialect)
      const Command = all[`${name}Command`] as new (input: object) => never
      await fc.assert(
        fc.asyncProperty(
          arbitraryStructure(schema.input),
          arbitraryStructure(schema.output).map((value) => legible(value) as object),
          async (input, output) => {
            const expected = sendable(comparable(input))
            fc.pre(!leavesGaps(expected))
            wire.answered = codec.output(output, 'the-id').body
            const { $metadata, ...received } = (await (client.send as unknown as Sent).call(
              client,
              new Command(input),
            )) as Record<string, unknown>
            expect($metadata).toMatchObject({ httpStatusCode: 200 })
            const form = readForm(Buffer.from(wire.sent))
            expect(form.parameters.get('Action')).toBe(name)
            expect(form.parameters.get('Version')).toBe(dialect.apiVersion)
            expect(comparable(codec.read(form))).toEqual(expected)
            expect(comparable(received)).toEqual(comparable(output))
          },
        ),
        { numRuns: RUNS },
      )
    },
  )
})

/** Without structures and maps that are empty: no parameter says that they are there. */
function sendable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sendable)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, entry]) => [name, sendable(entry)] as const)
  return Object.fromEntries(entries.filter(([, entry]) => !isEmpty(entry)))
}

/** Whether a list has an entry of which nothing is sent: the SDK then leaves out its number as well. */
function leavesGaps(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.values(value)
  return (Array.isArray(value) && entries.some(isEmpty)) || entries.some(leavesGaps)
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.keys(value).length === 0
}

/** The value with text that XML can hold, and that the SDK does not take for indentation. */
function legible(value: unknown): unknown {
  if (typeof value === 'string') return legibleText(value)
  if (Array.isArray(value)) return value.map(legible)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [legibleText(name), legible(entry)]),
  )
}

function legibleText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 does not have.
  const legal = text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '_')
  return legal.trim() === '' && legal.includes('\n') ? `x${legal}` : legal
}
