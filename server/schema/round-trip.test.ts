// Our reader and writer against the official SDK's codec, for every operation of KMS: what its client
// sends we read, and what we write it reads.
import { Readable } from 'node:stream'
import * as sdk from '@aws-sdk/client-kms'
import { HttpResponse } from '@smithy/core/protocols'
import type { StaticOperationSchema } from '@smithy/types'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { operationSchema } from './operation-schema.ts'
import { jsonReader } from './read-json.ts'
import { arbitraryStructure, comparable } from './testing/arbitrary-values.ts'
import { jsonWriter } from './write-json.ts'

const RUNS = 25
const all = sdk as unknown as Record<string, unknown>
const operations = Object.keys(sdk)
  .filter((name) => name.endsWith('Command') && name !== '$Command')
  .map((name) => name.slice(0, -'Command'.length))

/** The body that the client sent last, and the one it is answered. */
const wire = { sent: '', answered: '' }
const client = new sdk.KMSClient({
  region: 'us-east-1',
  endpoint: 'http://localhost',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
  requestHandler: {
    handle: (request: { body?: unknown }) => {
      wire.sent = Buffer.from((request.body ?? '') as string).toString()
      const response = new HttpResponse({
        statusCode: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: Readable.from([Buffer.from(wire.answered)]),
      })
      return Promise.resolve({ response })
    },
  } as never,
})

it('the SDK has the 56 operations of KMS', () => {
  expect(operations).toHaveLength(56)
})

it.each(operations)(
  '%s is read as the SDK sends it, and written as the SDK reads it',
  async (name) => {
    const schema = operationSchema<object, object>(all[`${name}$`] as StaticOperationSchema)
    const Command = all[`${name}Command`] as new (input: object) => never
    const read = jsonReader(schema.input)
    const write = jsonWriter(schema.output)
    await fc.assert(
      fc.asyncProperty(
        arbitraryStructure(schema.input),
        arbitraryStructure(schema.output),
        async (input, output) => {
          wire.answered = write(output)
          const { $metadata, ...received } = (await client.send(
            new Command(input),
          )) as unknown as Record<string, unknown>
          expect($metadata).toMatchObject({ httpStatusCode: 200 })
          expect(comparable(read(JSON.parse(wire.sent)))).toEqual(comparable(input))
          expect(comparable(received)).toEqual(comparable(output))
        },
      ),
      { numRuns: RUNS },
    )
  },
)

it.each(operations)('%s: what is written is read again as it was', (name) => {
  const { input, output } = operationSchema(all[`${name}$`] as StaticOperationSchema)
  for (const shape of [input, output]) {
    const read = jsonReader(shape)
    const write = jsonWriter(shape)
    fc.assert(
      fc.property(arbitraryStructure(shape), (value) => {
        expect(comparable(read(JSON.parse(write(value))))).toEqual(comparable(value))
      }),
      { numRuns: RUNS },
    )
  }
})

it('a time is read to the millisecond, whatever its digits become as a number', () => {
  const shape = operationSchema(sdk.ImportKeyMaterial$).input
  const read = jsonReader(shape)
  const write = jsonWriter(shape)
  for (let ms = 1_767_225_600_000; ms < 1_767_225_601_000; ms++) {
    expect(read(JSON.parse(write({ ValidTo: new Date(ms) }))).ValidTo).toEqual(new Date(ms))
  }
})
