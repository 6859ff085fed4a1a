// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html
import { CHANGE_ERRORS } from '../errors.ts'
import {
  changeProvider,
  findProvider,
  PROVIDER,
  type ProviderChange,
  providerDemand,
  requireThumbprints,
  THUMBPRINTS,
} from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import type { UpdateOpenIDConnectProviderThumbprintRequest } from '../wire.ts'

/** The new list takes the place of the old one. */
export const UpdateOpenIDConnectProviderThumbprint: IamChange<
  UpdateOpenIDConnectProviderThumbprintRequest,
  object,
  OidcProvider,
  ProviderChange
> = {
  ...changes<UpdateOpenIDConnectProviderThumbprintRequest, object>(
    'UpdateOpenIDConnectProviderThumbprint',
  ),
  limits: { ...PROVIDER, ThumbprintList: THUMBPRINTS },
  errors: CHANGE_ERRORS,
  target: findProvider,
  demands: (target, _input, call) => [
    providerDemand('iam:UpdateOpenIDConnectProviderThumbprint', target, call),
  ],
  prepare: ({ ThumbprintList }, provider) => ({
    provider,
    change: { thumbprints: requireThumbprints(ThumbprintList) },
  }),
  apply: changeProvider,
}
