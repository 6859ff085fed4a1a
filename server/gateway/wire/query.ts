// AWS Query: form parameters in, XML out. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
// Reads and writes flat structures, which is what its first user, STS GetCallerIdentity, has.
import { type AwsError, SerializationException } from '../../contract/errors.ts'
import type { AnyOperation } from '../../contract/operation.ts'
import type { Codec, Reply } from './codec.ts'

const CONTENT_TYPE = 'text/xml'

/** Codes that differ from the class name, and their HTTP status, in this protocol. */
const QUERY_ERRORS: Readonly<Record<string, { code: string; status: number }>> = {
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  ExpiredTokenException: { code: 'ExpiredToken', status: 403 },
  IncompleteSignatureException: { code: 'IncompleteSignature', status: 400 },
  InvalidSignatureException: { code: 'SignatureDoesNotMatch', status: 403 },
  MissingAuthenticationTokenException: { code: 'MissingAuthenticationToken', status: 403 },
  SerializationException: { code: 'MalformedInput', status: 400 },
  ThrottlingException: { code: 'Throttling', status: 400 },
  UnknownOperationException: { code: 'InvalidAction', status: 400 },
  UnrecognizedClientException: { code: 'InvalidClientTokenId', status: 403 },
  ValidationException: { code: 'ValidationError', status: 400 },
}

export function queryCodec(operation: AnyOperation, xmlNamespace: string): Codec {
  const { schema } = operation
  for (const member of [...schema.input.members, ...schema.output.members]) {
    const { kind } = member.shape()
    if (kind !== 'string') throw new Error(`query: no ${kind} yet (${schema.name}.${member.name})`)
  }
  return {
    read(body) {
      const parameters = formParameters(body)
      const input: Record<string, unknown> = {}
      for (const { name } of schema.input.members) {
        const value = parameters.get(name)
        if (value !== undefined) input[name] = value
      }
      return input
    },
    output(output, requestId) {
      const members = schema.output.members
        .map(({ name }) => [name, (output as Record<string, unknown>)[name]] as const)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`)
      return {
        status: 200,
        contentType: CONTENT_TYPE,
        body:
          `<${schema.name}Response xmlns="${xmlNamespace}"><${schema.name}Result>${members.join('')}</${schema.name}Result>` +
          `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${schema.name}Response>`,
      }
    },
    error: (error, requestId) => queryError(error, requestId, xmlNamespace),
  }
}

/** An error as the query protocol tells it. */
export function queryError(error: AwsError, requestId: string, xmlNamespace: string): Reply {
  const name = error.constructor.name
  const { code, status } = QUERY_ERRORS[name] ?? { code: name, status: error.status }
  const fault = status >= 500 ? 'Receiver' : 'Sender'
  return {
    status,
    contentType: CONTENT_TYPE,
    body:
      `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${fault}</Type><Code>${code}</Code>` +
      `<Message>${escaped(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }
}

/** Whether the content type is the query protocol's. */
export function isForm(contentType: string | undefined): boolean {
  return (
    contentType !== undefined && /^application\/x-www-form-urlencoded *(?:;|$)/i.test(contentType)
  )
}

/** The parameters of a form body; one given twice is refused, since nobody could say which was meant. */
export function formParameters(body: Buffer): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    if (parameters.has(name)) throw new SerializationException(`${name} is given more than once.`)
    parameters.set(name, value)
  }
  return parameters
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(NOT_XML, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 §2.2 does not have, not even escaped.
const NOT_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}
