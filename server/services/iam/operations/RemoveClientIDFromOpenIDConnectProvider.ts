// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html
import { CHANGE_ERRORS } from '../errors.ts'
import {
  CLIENT_ID,
  changeProvider,
  findProvider,
  PROVIDER,
  type ProviderChange,
  providerDemand,
} from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import type { RemoveClientIDFromOpenIDConnectProviderRequest } from '../wire.ts'

/** Removing one that is not there succeeds, too. */
export const RemoveClientIDFromOpenIDConnectProvider: IamChange<
  RemoveClientIDFromOpenIDConnectProviderRequest,
  object,
  OidcProvider,
  ProviderChange
> = {
  ...changes<RemoveClientIDFromOpenIDConnectProviderRequest, object>(
    'RemoveClientIDFromOpenIDConnectProvider',
  ),
  limits: { ...PROVIDER, ClientID: CLIENT_ID },
  errors: CHANGE_ERRORS,
  target: findProvider,
  demands: (target, _input, call) => [
    providerDemand('iam:RemoveClientIDFromOpenIDConnectProvider', target, call),
  ],
  prepare: ({ ClientID }, provider) => ({
    provider,
    change: { clientIds: provider.clientIds.filter((id) => id !== ClientID) },
  }),
  apply: changeProvider,
}
