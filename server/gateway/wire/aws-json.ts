// AWS JSON 1.0 and 1.1. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
import { isAscii, isUtf8 } from 'node:buffer'
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
        if (error instanceof SyntaxError) {
          throw new SerializationException(NOT_JSON)
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

const NOT_JSON = 'The request body is not valid JSON.'

/** Strict UTF-8: replacement characters would make two different contexts the same. */
function utf8(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) throw new SerializationException(NOT_JSON)
  const text = bytes.toString('utf8')
  // A byte order mark is no part of the text (RFC 8259 §8.1).
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
