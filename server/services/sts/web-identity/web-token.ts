// An OpenID Connect ID token: who says what about whom, until when; believed once its signature verifies.
// RFC 7519, OpenID Connect Core 1.0 §2 and §3.1.3.7; errors and the five minutes are AWS's:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type JWTPayload } from 'jose'
import type { OidcProvider } from '../../../contract/ports.ts'
import {
  ExpiredTokenException,
  IDPCommunicationErrorException,
  InvalidIdentityTokenException,
} from '../errors.ts'
import type { IssuerKeys, KeyOf } from './issuer-keys.ts'
import { IssuerError } from './oidc-client.ts'

/** What a token says that was not verified yet. */
export type Claims = JWTPayload & { readonly iss: string }

/** A token that its issuer signed, for one of the provider's audiences, and that is valid now. */
export type WebToken = {
  readonly subject: string
  /** The one for which the provider accepts it. */
  readonly audience: string
  readonly claims: Claims
}

/** Signatures with a public key alone: with a shared secret, whoever knows our keys could sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** AWS accepts tokens for so long after they expired, for clocks that differ. */
const SKEW_SECONDS = 300
/** As AWS bounds the subject in its answer. */
const MAX_SUBJECT_CHARACTERS = 255

/** Reads the claims, of which none is verified yet: they say whose keys to ask for. */
export function readClaims(token: string): Claims {
  let claims: JWTPayload
  let algorithm: unknown
  try {
    claims = decodeJwt(token)
    algorithm = decodeProtectedHeader(token).alg
  } catch {
    throw InvalidIdentityTokenException.notJwt()
  }
  if (typeof algorithm !== 'string' || !ALGORITHMS.includes(algorithm)) {
    throw InvalidIdentityTokenException.algorithm(ALGORITHMS)
  }
  if (typeof claims.iss !== 'string') throw InvalidIdentityTokenException.claim('iss')
  return claims as Claims
}

/** Requires that the provider's issuer signed the token, for an audience of the provider, and not long ago. */
export async function requireVerified(
  token: string,
  claims: Claims,
  provider: OidcProvider,
  keys: IssuerKeys,
  nowMs: number,
): Promise<WebToken> {
  const audience = requireAudience(claims, provider)
  requireTime(claims, Math.floor(nowMs / 1000))
  const { sub } = claims
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_CHARACTERS) {
    throw InvalidIdentityTokenException.claim('sub')
  }
  await requireSignature(token, provider, keys)
  return { subject: sub, audience, claims }
}

/** Where the token names its authorized party, that is the audience to AWS; else one of `aud`. */
function requireAudience({ aud, azp }: Claims, { clientIds }: OidcProvider): string {
  const audiences: readonly unknown[] = azp === undefined ? [aud].flat() : [azp]
  const accepted = audiences.find((name) => typeof name === 'string' && clientIds.includes(name))
  if (typeof accepted !== 'string') throw InvalidIdentityTokenException.audience()
  return accepted
}

function requireTime({ exp, nbf, iat }: Claims, nowSeconds: number): void {
  if (!isTime(exp)) throw InvalidIdentityTokenException.claim('exp')
  if (!isTime(iat)) throw InvalidIdentityTokenException.claim('iat')
  if (nbf !== undefined && !isTime(nbf)) throw InvalidIdentityTokenException.claim('nbf')
  if (nowSeconds >= exp + SKEW_SECONDS) throw new ExpiredTokenException(nowSeconds, exp)
  if (Math.max(iat, nbf ?? iat) > nowSeconds + SKEW_SECONDS) {
    throw InvalidIdentityTokenException.future()
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

async function requireSignature(
  token: string,
  provider: OidcProvider,
  keys: IssuerKeys,
): Promise<void> {
  try {
    if (await isSigned(token, await keys.get(provider))) return
    // The issuer may have a new key since.
    const newer = await keys.findNewer(provider)
    if (newer !== undefined && (await isSigned(token, newer))) return
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error
    if (error.problem === 'unreachable') throw new IDPCommunicationErrorException()
    if (error.problem === 'untrusted') throw InvalidIdentityTokenException.thumbprint()
  }
  throw InvalidIdentityTokenException.key()
}

/** Whether the key that the token names is there; throws where it did not sign the token. */
async function isSigned(token: string, keyOf: KeyOf): Promise<boolean> {
  try {
    await compactVerify(token, keyOf, { algorithms: ALGORITHMS })
    return true
  } catch (error) {
    if (
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWKSMultipleMatchingKeys
    ) {
      return false
    }
    // Whatever else is wrong, with the token or with the key that its issuer published: not verified.
    throw InvalidIdentityTokenException.signature()
  }
}
