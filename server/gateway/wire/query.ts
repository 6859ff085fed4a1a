// AWS Query: form parameters in, XML out. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import {
  AccessDeniedException,
  type AwsError,
  SerializationException,
  ThrottlingException,
  ValidationException,
} from '../../contract/errors.ts'
import type { AnyOperation } from '../../contract/operation.ts'
import type { WireProtocol } from '../../contract/service.ts'
import type { QueryError } from '../../schema/query-errors.ts'
import { ShapeMismatch } from '../../schema/read-json.ts'
import { parameterReader } from '../../schema/read-parameters.ts'
import { element, escaped, xmlWriter } from '../../schema/write-xml.ts'
import { MissingActionException, UnknownOperationException } from '../errors.ts'
import {
  ExpiredTokenException,
  IncompleteSignatureException,
  InvalidSignatureException,
  MissingAuthenticationTokenException,
  UnrecognizedClientException,
} from '../sigv4/errors.ts'
import type { Codec, Reply } from './codec.ts'
import type { Form } from './form.ts'

export type QueryWire = Extract<WireProtocol, { kind: 'query' }>

/** Like any codec, but it reads a form: its parameters may stand in the query string as well. */
export type QueryCodec = Omit<Codec, 'read'> & { read(form: Form): Record<string, unknown> }

const CONTENT_TYPE = 'text/xml'

/** The namespace of errors that are no service's. */
const FAULTS = 'http://webservices.amazon.com/AWSFault/2005-15-09'

/** The errors of all services in this protocol; by class, since services have errors of the same name. */
const COMMON_ERRORS: ReadonlyMap<unknown, QueryError> = new Map<unknown, QueryError>([
  [AccessDeniedException, { code: 'AccessDenied', status: 403 }],
  [ExpiredTokenException, { code: 'ExpiredToken', status: 403 }],
  [IncompleteSignatureException, { code: 'IncompleteSignature', status: 400 }],
  [InvalidSignatureException, { code: 'SignatureDoesNotMatch', status: 403 }],
  [MissingActionException, { code: 'MissingAction', status: 400 }],
  [MissingAuthenticationTokenException, { code: 'MissingAuthenticationToken', status: 403 }],
  [SerializationException, { code: 'MalformedInput', status: 400 }],
  [ThrottlingException, { code: 'Throttling', status: 400 }],
  [UnknownOperationException, { code: 'InvalidAction', status: 400 }],
  [UnrecognizedClientException, { code: 'InvalidClientTokenId', status: 403 }],
  [ValidationException, { code: 'ValidationError', status: 400 }],
])

export function queryCodec({ schema }: AnyOperation, wire: QueryWire): QueryCodec {
  const { name, input, output } = schema
  const read = parameterReader(input)
  const write = xmlWriter(output)
  // An operation without output has no result; one whose output has no members has an empty one.
  const hasResult = output.name !== 'Unit'
  return {
    read({ parameters, problem }) {
      if (problem !== undefined) throw new SerializationException(problem)
      try {
        return read(parameters)
      } catch (error) {
        if (error instanceof ShapeMismatch) throw new SerializationException(error.message)
        throw error
      }
    },
    output: (value, requestId) => ({
      status: 200,
      contentType: CONTENT_TYPE,
      body:
        `<${name}Response xmlns="${wire.xmlNamespace}">` +
        (hasResult ? element(`${name}Result`, write(value)) : '') +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
    }),
    error: (error, requestId) => queryError(error, requestId, wire),
  }
}

/** An error as the protocol tells it; `wire` is missing where no service is known that could. */
export function queryError(error: AwsError, requestId: string, wire: QueryWire | undefined): Reply {
  const { name } = error.constructor
  const { code, status } = COMMON_ERRORS.get(error.constructor) ??
    wire?.errors[name] ?? { code: name, status: error.status }
  const fault = status >= 500 ? 'Receiver' : 'Sender'
  return {
    status,
    contentType: CONTENT_TYPE,
    body:
      `<ErrorResponse xmlns="${wire?.xmlNamespace ?? FAULTS}"><Error><Type>${fault}</Type>` +
      `<Code>${code}</Code>${element('Message', escaped(error.message))}</Error>` +
      `<RequestId>${requestId}</RequestId></ErrorResponse>`,
  }
}
