// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html
import { CHANGE_ERRORS } from '../errors.ts'
import {
  CLIENT_ID,
  changeProvider,
  findProvider,
  PROVIDER,
  type ProviderChange,
  providerDemand,
  requireClientIds,
} from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import type { AddClientIDToOpenIDConnectProviderRequest } from '../wire.ts'

/** Adding one that is there succeeds, too. */
export const AddClientIDToOpenIDConnectProvider: IamChange<
  AddClientIDToOpenIDConnectProviderRequest,
  object,
  OidcProvider,
  ProviderChange
> = {
  ...changes<AddClientIDToOpenIDConnectProviderRequest, object>(
    'AddClientIDToOpenIDConnectProvider',
  ),
  limits: { ...PROVIDER, ClientID: CLIENT_ID },
  errors: CHANGE_ERRORS,
  target: findProvider,
  demands: (target, _input, call) => [
    providerDemand('iam:AddClientIDToOpenIDConnectProvider', target, call),
  ],
  prepare: ({ ClientID }, provider) => ({
    provider,
    change: { clientIds: requireClientIds([...provider.clientIds, ClientID]) },
  }),
  apply: changeProvider,
}
