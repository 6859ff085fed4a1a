// Who calls AssumeRoleWithWebIdentity: whoever the token is about, vouched for by a provider of the account
// that the role is in.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
import type { Caller } from '../../../contract/caller.ts'
import { AwsError, ValidationException } from '../../../contract/errors.ts'
import type { UnsignedRequest } from '../../../contract/operation.ts'
import type { OidcProvider } from '../../../contract/ports.ts'
import { NO_POLICIES } from '../../../policy/authorization-request.ts'
import { type ContextValue, contextOf } from '../../../policy/context.ts'
import { type FederatedIdentity, principalKeys } from '../../../policy/principal.ts'
import { IDPCommunicationErrorException, InvalidIdentityTokenException } from '../errors.ts'
import type { StsStores } from '../operation.ts'
import type { AssumeRoleWithWebIdentityRequest } from '../wire.ts'
import { readSessionClaims, type SessionClaims } from './session-claims.ts'
import { readClaims, requireVerified, type WebToken } from './web-token.ts'

/** What the token says that goes on into the session. */
export type WebIdentity = SessionClaims & {
  /** The provider's ARN. */
  readonly provider: string
  readonly audience: string
  readonly subject: string
}

type FederatedCaller = Caller & { readonly webIdentity: WebIdentity }

const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/[\x21-\x7e]+$/
const SCHEME = 'https://'

/** Answers who sent the token; throws where it is not believed. */
export async function identifyByWebToken({
  input,
  nowMs,
  origin,
  stores,
}: UnsignedRequest<AssumeRoleWithWebIdentityRequest, StsStores>): Promise<FederatedCaller> {
  const { refusals } = stores
  refusals.requireRoom(origin.ipAddress, nowMs)
  try {
    const [, account] = ROLE_ARN.exec(input.RoleArn) ?? []
    if (account === undefined) throw new ValidationException('Request ARN is invalid')
    const claims = readClaims(input.WebIdentityToken)
    const provider = await requireProvider(account, claims.iss, stores)
    const token = input.WebIdentityToken
    const verified = await requireVerified(token, claims, provider, stores.issuerKeys, nowMs)
    return federatedCaller(provider, verified)
  } catch (error) {
    // That an issuer does not answer is not the caller's fault.
    const isCallers =
      error instanceof AwsError && !(error instanceof IDPCommunicationErrorException)
    if (isCallers) refusals.refused(origin.ipAddress, nowMs)
    throw error
  }
}

/** The caller's web identity, which the gateway had `identifyByWebToken` find out. */
export function webIdentityOf(caller: Caller): WebIdentity {
  if ('webIdentity' in caller) return (caller as FederatedCaller).webIdentity
  throw new Error('the caller was not identified by a token')
}

/** The same words whether the account or only its provider is missing. */
async function requireProvider(
  account: string,
  issuer: string,
  { identities }: StsStores,
): Promise<OidcProvider> {
  const provider = issuer.startsWith(SCHEME)
    ? await identities.findOidcProvider(account, issuer.slice(SCHEME.length))
    : undefined
  if (provider === undefined) throw InvalidIdentityTokenException.provider(issuer)
  return provider
}

function federatedCaller(provider: OidcProvider, token: WebToken): FederatedCaller {
  const { audience, subject } = token
  const principal: FederatedIdentity = { kind: 'federated-identity', provider: provider.arn }
  return {
    type: 'WebIdentityUser',
    account: provider.account,
    arn: '',
    principalId: `${provider.arn}:${audience}:${subject}`,
    accessKeyId: '',
    userName: subject,
    session: undefined,
    principal,
    policies: NO_POLICIES,
    context: contextOf([...principalKeys(principal), ...tokenKeys(provider.url, token)]),
    webIdentity: { provider: provider.arn, audience, subject, ...readSessionClaims(token.claims) },
  }
}

/** `oidc.example.org/id:sub` and its like. `oaud` is what the token calls `aud`, whatever its `azp`. */
function* tokenKeys(
  url: string,
  { audience, subject, claims }: WebToken,
): Generator<readonly [string, ContextValue]> {
  yield [`${url}:aud`, audience]
  yield [`${url}:sub`, subject]
  yield [`${url}:oaud`, texts(claims.aud)]
  yield [`${url}:amr`, texts(claims.amr)]
  if (typeof claims.email === 'string') yield [`${url}:email`, claims.email]
}

function texts(value: unknown): readonly string[] {
  return [value].flat().filter((text): text is string => typeof text === 'string')
}
