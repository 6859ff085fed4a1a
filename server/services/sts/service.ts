// STS as a service: its name, wire protocol and operations.
import type { Logger } from 'pino'
import { AwsError } from '../../contract/errors.ts'
import type { Service } from '../../contract/service.ts'
import type { StsStores } from './operation.ts'
import { AssumeRole } from './operations/AssumeRole.ts'
import { AssumeRoleWithWebIdentity } from './operations/AssumeRoleWithWebIdentity.ts'
import { DecodeAuthorizationMessage } from './operations/DecodeAuthorizationMessage.ts'
import { GetAccessKeyInfo } from './operations/GetAccessKeyInfo.ts'
import { GetCallerIdentity } from './operations/GetCallerIdentity.ts'
import { GetFederationToken } from './operations/GetFederationToken.ts'
import { GetSessionToken } from './operations/GetSessionToken.ts'
import { issuerKeys } from './web-identity/issuer-keys.ts'
import { type FetchKeySet, oidcClient } from './web-identity/oidc-client.ts'
import { refusalLimit } from './web-identity/refusal-limit.ts'
import { stsErrors } from './wire.ts'

/** The answer to a bug, or to a store or trail that does not answer. */
class InternalFailure extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('The request processing has failed because of an unknown error, exception or failure.')
  }
}

/** Callers hear little of why an issuer gave no keys; the operator hears it all. */
function toldOf(fetchKeySet: FetchKeySet, log: Logger): FetchKeySet {
  return async (issuer) => {
    try {
      return await fetchKeySet(issuer)
    } catch (error) {
      const { message: why } = error as Error
      log.warn({ issuer: issuer.url, why }, 'an OpenID Connect issuer gave no keys')
      throw error
    }
  }
}

export const sts: Service = {
  name: 'sts',
  eventSource: 'sts.amazonaws.com',
  wire: {
    kind: 'query',
    apiVersion: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    errors: stsErrors,
  },
  globalRegion: undefined,
  maxBodyBytes: 256 * 1024,
  internalFailure: InternalFailure,
  operations: {
    AssumeRole,
    AssumeRoleWithWebIdentity,
    DecodeAuthorizationMessage,
    GetAccessKeyInfo,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
  },
  innerOperations: [],
  migrations: [],
  protectedTables: [],
  open: async ({ identities, oidcAuthorities, log }) => {
    const stores: StsStores = {
      identities,
      issuerKeys: issuerKeys(toldOf(oidcClient(oidcAuthorities), log)),
      refusals: refusalLimit(),
    }
    return () => stores
  },
  jobs: () => Promise.resolve([]),
}
