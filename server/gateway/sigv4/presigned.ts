// Signature Version 4 in the query string ("presigned"), read strictly.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
import { ALGORITHM, type Authorization, readScope } from './authorization.ts'
import type { SignedRequest } from './canonical-request.ts'
import { IncompleteSignatureException } from './errors.ts'

export type Presigned = {
  readonly authorization: Authorization
  readonly signature: string
  readonly timestamp: string
  /** How long the signature is good, where it says so itself. */
  readonly lifetimeMs: number | undefined
  readonly sessionToken: string | undefined
  /** The request as its sender signed it: without the signature. */
  readonly request: SignedRequest
}

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const
const SIGNATURE = 'X-Amz-Signature'
/** A week. */
const MAX_LIFETIME_SECONDS = 604_800

/** Whether the query string claims to hold a signature. */
export function isPresigned(url: string): boolean {
  return /[?&]X-Amz-(?:Algorithm|Signature)=/i.test(url)
}

/** Reads the query string; throws with every missing part, as AWS words it. */
export function readPresigned(request: SignedRequest): Presigned {
  const { url } = request
  const queryAt = url.indexOf('?')
  const parameters = new Map<string, string>()
  const signed: string[] = []
  for (const pair of url.slice(queryAt + 1).split('&')) {
    const at = pair.indexOf('=')
    const name = decoded(at === -1 ? pair : pair.slice(0, at))
    if (name !== SIGNATURE) signed.push(pair)
    if (!/^x-amz-/i.test(name)) continue
    if (parameters.has(name)) {
      throw new IncompleteSignatureException(
        `The query-string parameter '${name}' may stand only once in a request.`,
      )
    }
    parameters.set(name, at === -1 ? '' : decoded(pair.slice(at + 1)))
  }
  const given = requireAll(parameters)
  if (given('X-Amz-Algorithm') !== ALGORITHM) {
    throw new IncompleteSignatureException(
      `Unsupported X-Amz-Algorithm: only ${ALGORITHM} is accepted.`,
    )
  }
  const signature = given(SIGNATURE)
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw new IncompleteSignatureException('X-Amz-Signature is not 64 hexadecimal digits.')
  }
  const signedHeadersText = given('X-Amz-SignedHeaders')
  return {
    authorization: {
      ...readScope(given('X-Amz-Credential')),
      signedHeaders: signedHeadersText.split(';'),
      signedHeadersText,
    },
    signature,
    timestamp: given('X-Amz-Date'),
    lifetimeMs: readLifetime(parameters.get('X-Amz-Expires')),
    sessionToken: readSessionToken(request, parameters.get('X-Amz-Security-Token')),
    request: { ...request, url: `${url.slice(0, queryAt)}?${signed.join('&')}` },
  }
}

function requireAll(
  parameters: ReadonlyMap<string, string>,
): (name: (typeof REQUIRED)[number]) => string {
  const missing = REQUIRED.filter((name) => !parameters.get(name)).map(
    (name) => `AWS query-string parameters must include '${name}'. `,
  )
  if (missing.length > 0) {
    throw new IncompleteSignatureException(
      `${missing.join('')}Re-examine the query-string parameters.`,
    )
  }
  return (name) => parameters.get(name) as string
}

function readLifetime(expires: string | undefined): number | undefined {
  if (expires === undefined) return undefined
  if (!/^\d{1,15}$/.test(expires)) {
    throw new IncompleteSignatureException('X-Amz-Expires should be a number')
  }
  const seconds = Number(expires)
  if (seconds < 1) throw new IncompleteSignatureException('X-Amz-Expires must be at least 1')
  if (seconds > MAX_LIFETIME_SECONDS) {
    throw new IncompleteSignatureException(
      `X-Amz-Expires must be less than a week (in seconds) that is ${MAX_LIFETIME_SECONDS}`,
    )
  }
  return seconds * 1000
}

/** The token may stand in a signed header instead; in both places nobody could say which was meant. */
function readSessionToken(request: SignedRequest, token: string | undefined): string | undefined {
  const inHeader = request.headers['x-amz-security-token'] as string | undefined
  if (token !== undefined && inHeader !== undefined) {
    throw new IncompleteSignatureException(
      "Found both 'X-Amz-Security-Token' as a query-string param and as HTTP header.",
    )
  }
  return token ?? inHeader
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new IncompleteSignatureException('The query string is not UTF-8 in percent-encoding.')
  }
}
