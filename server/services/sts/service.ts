// STS as a service: its name, wire protocol and operations.
import { AwsError } from '../../contract/errors.ts'
import type { Service } from '../../contract/service.ts'
import type { StsStores } from './operation.ts'
import { AssumeRole } from './operations/AssumeRole.ts'
import { DecodeAuthorizationMessage } from './operations/DecodeAuthorizationMessage.ts'
import { GetAccessKeyInfo } from './operations/GetAccessKeyInfo.ts'
import { GetCallerIdentity } from './operations/GetCallerIdentity.ts'
import { GetFederationToken } from './operations/GetFederationToken.ts'
import { GetSessionToken } from './operations/GetSessionToken.ts'
import { stsErrors } from './wire.ts'

/** The answer to a bug, or to a store or trail that does not answer. */
class InternalFailure extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('The request processing has failed because of an unknown error, exception or failure.')
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
    DecodeAuthorizationMessage,
    GetAccessKeyInfo,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
  },
  migrations: [],
  protectedTables: [],
  open: async ({ identities }) => {
    const stores: StsStores = { identities }
    return () => stores
  },
  jobs: () => Promise.resolve([]),
}
