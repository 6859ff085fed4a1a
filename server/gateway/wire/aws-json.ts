// AWS JSON 1.0 and 1.1. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
import { type AwsError, SerializationException } from '../../contract/errors.ts'
import type { AnyOperation } from '../../contract/operation.ts'
import { jsonReader, ShapeMismatch } from '../../schema/read-json.ts'
import { jsonWriter } from '../../schema/write-json.ts'
import type { Codec, Reply } from './codec.ts'

export function awsJsonCodec(operation: AnyOperation, version: '1.0' | '1.1'): Codec {
  const { schema } = operation
  const read = jsonReader(schema.input)
  const write = jsonWriter(schema.output)
  const contentType = `application/x-amz-json-${version}`
  // An operation without output members answers with an empty body.
  const isEmpty = schema.output.members.length === 0
  return {
    read(body) {
      if (body.length === 0) return read({})
      try {
        return read(JSON.parse(utf8(body)))
      } catch (error) {
        if (error instanceof ShapeMismatch) throw new SerializationException(error.message)
        if (error instanceof SyntaxError || error instanceof TypeError) {
          throw new SerializationException('The request body is not valid JSON.')
        }
        throw error
      }
    },
    output: (output) => ({ status: 200, contentType, body: isEmpty ? '' : write(output) }),
    error: (error) => jsonError(error, contentType),
  }
}

/** An error as the JSON protocols tell it. */
export function jsonError(error: AwsError, contentType = 'application/x-amz-json-1.1'): Reply {
  const type = error.constructor.name
  const body =
    error.message === ''
      ? `{"__type":"${type}"}`
      : `{"__type":"${type}","message":${JSON.stringify(error.message)}}`
  return { status: error.status, contentType, body }
}

/** Whether the content type is one of AWS JSON's, parameters aside. */
export function isAwsJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/x-amz-json-1\.[01] *(?:;|$)/i.test(contentType)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Strict UTF-8: replacement characters would make two different contexts the same. */
function utf8(bytes: Buffer): string {
  return decoder.decode(bytes)
}
