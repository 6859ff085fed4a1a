// Who signed this request? Signature Version 4, in the Authorization header or in the query string.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
import { type Awaitable, after } from '../../contract/operation.ts'
import type { AccessKeys, Credential } from '../../contract/ports.ts'
import type { Service } from '../../contract/service.ts'
import { hmacSha256 } from '../../crypto/digest.ts'
import { type SecretKey, secretKey } from '../../crypto/secret-key.ts'
import { symmetric } from '../../crypto/symmetric.ts'
import {
  ALGORITHM,
  type Authorization,
  readAuthorization,
  splitAuthorization,
} from './authorization.ts'
import {
  canonicalHead,
  hasHeaderNames,
  hasRepeatedHeaders,
  headerNames,
  isRepeated,
  type SignedRequest,
} from './canonical-request.ts'
import {
  ExpiredTokenException,
  IncompleteSignatureException,
  InvalidSignatureException,
  MissingAuthenticationTokenException,
  UnrecognizedClientException,
} from './errors.ts'
import { isPresigned, readPresigned } from './presigned.ts'

/** A verified signature: who signed, for which Region and service. */
export type Verified = { readonly credential: Credential; readonly authorization: Authorization }

/** The service that a request is for; a global one has a Region of its own besides the served ones. */
type Signed = Pick<Service, 'name' | 'globalRegion'>

/** Verifies that the request is signed for `service` by a holder of an active access key. */
export type Verifier = (
  request: SignedRequest,
  service: Signed,
  nowMs: number,
) => Awaitable<Verified>

/** What many requests share: the same claim, and the key that its date, Region and service give. */
type KnownClaim = {
  readonly authorization: Authorization
  readonly credential: Credential
  readonly signingKey: SecretKey
  /** Names of headers that stood once each and were signed as far as they must be. */
  readonly checkedNames: readonly string[]
}

const MAX_SKEW_MS = 5 * 60_000
const MAX_KNOWN_CLAIMS = 10_000
/** Headers of which a second one would leave open which one was meant. */
const ONCE = [
  'authorization',
  'host',
  'x-amz-date',
  'x-amz-target',
  'x-amz-security-token',
  'content-type',
]

/** `regions` are the Regions that a credential scope may name. */
export function createVerifier(identities: AccessKeys, regions: ReadonlySet<string>): Verifier {
  // Only claims whose signature was right get in, so nobody can push others out by inventing some.
  const known = new Map<string, KnownClaim>()

  return (request, service, nowMs) => {
    const header = request.headers.authorization
    if (request.url.length > 1 && isPresigned(request.url)) {
      if (header !== undefined) throw InvalidSignatureException.twice()
      return verifyPresigned(request, service, nowMs)
    }
    if (header === undefined || header === '') throw new MissingAuthenticationTokenException()
    if (!header.startsWith(ALGORITHM)) {
      throw new IncompleteSignatureException(
        `Unsupported Authorization scheme: only ${ALGORITHM} is accepted.`,
      )
    }
    const { claim, signature } = splitAuthorization(header)
    const remembered = known.get(claim)
    // Which names stand there, and which of them are signed, is the same for the same names and claim.
    const isChecked = remembered !== undefined && hasHeaderNames(request, remembered.checkedNames)
    const hasRepeated = !isChecked && hasRepeatedHeaders(request)
    if (hasRepeated) requireNoAmbiguity(request)
    const timestamp = request.headers['x-amz-date']
    const authorization =
      remembered?.authorization ?? readAuthorization(header, typeof timestamp === 'string')
    requireTime(timestamp, authorization, nowMs)
    requireScope(authorization, service, regions)
    const token = request.headers['x-amz-security-token'] as string | undefined
    return after(identities.findCredential(authorization.accessKeyId, token), (credential) => {
      requireUsable(credential, nowMs)
      const usable = remembered?.credential === credential ? remembered : undefined
      const signingKey = usable?.signingKey ?? deriveSigningKey(credential, authorization)
      if (!isChecked) requireSigned(request, authorization)
      const at = timestamp as string
      requireSignature(request, authorization, at, signingKey, signature, hasRepeated)
      if (usable === undefined) {
        // Claims change with the day anyway, so what is full begins anew.
        if (known.size >= MAX_KNOWN_CLAIMS) known.clear()
        const checkedNames = hasRepeated ? [] : headerNames(request)
        known.set(claim, { authorization, credential, signingKey, checkedNames })
      }
      return { credential, authorization }
    })
  }

  function verifyPresigned(request: SignedRequest, service: Signed, nowMs: number) {
    const hasRepeated = hasRepeatedHeaders(request)
    if (hasRepeated) requireNoAmbiguity(request)
    const presigned = readPresigned(request)
    const { authorization, timestamp, signature, sessionToken } = presigned
    requireTime(timestamp, authorization, nowMs, presigned.lifetimeMs)
    requireScope(authorization, service, regions)
    const { accessKeyId } = authorization
    return after(identities.findCredential(accessKeyId, sessionToken), (credential) => {
      requireUsable(credential, nowMs)
      requireSigned(request, authorization)
      const signingKey = deriveSigningKey(credential, authorization)
      requireSignature(
        presigned.request,
        authorization,
        timestamp,
        signingKey,
        signature,
        hasRepeated,
      )
      return { credential, authorization }
    })
  }
}

function requireUsable(
  credential: Credential | undefined,
  nowMs: number,
): asserts credential is Credential {
  if (credential === undefined) throw new UnrecognizedClientException()
  if (credential.expiresAtMs !== undefined && credential.expiresAtMs <= nowMs) {
    throw new ExpiredTokenException()
  }
}

function requireNoAmbiguity(request: SignedRequest): void {
  for (const name of ONCE) {
    if (isRepeated(request, name)) {
      throw new IncompleteSignatureException(
        `The header '${name}' may stand only once in a request.`,
      )
    }
  }
}

// The timestamp last read: under load many requests of one second share it.
let lastTimestamp: string | undefined
let lastSignedAtMs = 0

/** Milliseconds since the epoch of a timestamp such as 20150830T123600Z. */
function readTimestamp(timestamp: string | string[] | undefined): number {
  if (timestamp !== undefined && timestamp === lastTimestamp) return lastSignedAtMs
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(timestamp)) ?? []
  const signedAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(signedAtMs)) {
    throw new IncompleteSignatureException(
      "Date must be in ISO-8601 'basic format'. The header X-Amz-Date needs the form YYYYMMDD'T'HHMMSS'Z'.",
    )
  }
  lastTimestamp = timestamp as string
  lastSignedAtMs = signedAtMs
  return signedAtMs
}

function requireTime(
  timestamp: string | string[] | undefined,
  authorization: Authorization,
  nowMs: number,
  maxAgeMs = MAX_SKEW_MS,
): void {
  const signedAtMs = readTimestamp(timestamp)
  if (!(timestamp as string).startsWith(authorization.date)) {
    const scopeDate = (timestamp as string).slice(0, 8)
    throw new InvalidSignatureException(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${authorization.date}' != '${scopeDate}', from '${timestamp}'.`,
    )
  }
  if (signedAtMs < nowMs - maxAgeMs) {
    throw new InvalidSignatureException(
      `Signature expired: ${timestamp} is now earlier than ${basic(nowMs - maxAgeMs)} (${basic(nowMs)} - ${age(maxAgeMs)})`,
    )
  }
  if (signedAtMs > nowMs + MAX_SKEW_MS) {
    throw new InvalidSignatureException(
      `Signature not yet current: ${timestamp} is still later than ${basic(nowMs + MAX_SKEW_MS)} (${basic(nowMs)} + 5 min.)`,
    )
  }
}

function requireScope(
  { region, service }: Authorization,
  expected: Signed,
  regions: ReadonlySet<string>,
): void {
  if (!regions.has(region) && region !== expected.globalRegion) {
    throw new InvalidSignatureException(
      `Credential should be scoped to a valid region, not '${region}'.`,
    )
  }
  if (service !== expected.name) {
    throw new InvalidSignatureException(
      `Credential should be scoped to correct service: '${expected.name}'.`,
    )
  }
}

/** Host and every `x-amz-` header must be signed, or someone on the way could set them. */
function requireSigned(request: SignedRequest, { signedHeaders }: Authorization): void {
  if (!signedHeaders.includes('host')) {
    throw new InvalidSignatureException(
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
  }
  for (const name in request.headers) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) {
      throw new InvalidSignatureException(
        `'${name}' must be a 'SignedHeader' in the AWS Authorization.`,
      )
    }
  }
}

function requireSignature(
  request: SignedRequest,
  { signedHeaders, signedHeadersText, scope }: Authorization,
  timestamp: string,
  signingKey: SecretKey,
  signature: string,
  hasRepeated: boolean,
): void {
  const head = canonicalHead(request, signedHeaders, signedHeadersText, hasRepeated)
  const before = `${ALGORITHM}\n${timestamp}\n${scope}\n`
  if (
    head === undefined ||
    !symmetric.isRequestSignature(signingKey, head, request.body, before, signature)
  ) {
    throw InvalidSignatureException.mismatch()
  }
}

function deriveSigningKey({ signingSecret }: Credential, authorization: Authorization): SecretKey {
  let key = signingSecret
  for (const part of [authorization.date, authorization.region, authorization.service]) {
    key = secretKey(hmacSha256(key, part))
  }
  return secretKey(hmacSha256(key, 'aws4_request'))
}

function age(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min.` : `${ms / 1000} sec.`
}

function basic(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
