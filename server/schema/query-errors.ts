// What the Query protocol calls the errors of a service, and their HTTP status: read from the SDK.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization

/** By the name of the error's class, such as `NoSuchEntityException`. */
export type QueryErrors = Readonly<Record<string, QueryError>>

/** The code on the wire, such as `NoSuchEntity`, and its HTTP status. */
export type QueryError = { readonly code: string; readonly status: number }

/** In a static schema −3 says that the structure is an error. */
const ERROR = -3

type Traits = {
  readonly awsQueryError?: readonly [code: string, status: number]
  readonly httpError?: number
}

/** The errors among everything that an SDK package exports. */
export function queryErrors(sdk: Readonly<Record<string, unknown>>): QueryErrors {
  const errors: Record<string, QueryError> = Object.create(null)
  for (const schema of Object.values(sdk)) {
    if (!Array.isArray(schema) || schema[0] !== ERROR) continue
    const [, , name, traits] = schema as [number, string, string, Traits | number]
    const { awsQueryError, httpError } = typeof traits === 'object' ? traits : {}
    // The service's own root of all errors has no status, and is never on the wire.
    if (httpError === undefined) continue
    const [code, status] = awsQueryError ?? [name, httpError]
    errors[name] = { code, status }
  }
  return errors
}
