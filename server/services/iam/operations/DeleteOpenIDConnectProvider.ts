// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html
import { identityDemand } from '../../../contract/demand.ts'
import { Missing } from '../../../contract/operation.ts'
import { CHANGE_ERRORS } from '../errors.ts'
import { findProvider, PROVIDER, providerDemand } from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import type { DeleteOpenIDConnectProviderRequest } from '../wire.ts'

const ACTION = 'iam:DeleteOpenIDConnectProvider'

/** Deleting what is not there succeeds, too. */
export const DeleteOpenIDConnectProvider: IamChange<
  DeleteOpenIDConnectProviderRequest,
  object,
  OidcProvider | 'gone',
  OidcProvider | 'gone'
> = {
  ...changes<DeleteOpenIDConnectProviderRequest, object>('DeleteOpenIDConnectProvider'),
  limits: PROVIDER,
  errors: CHANGE_ERRORS,
  async target(input, call) {
    const found = await findProvider(input, call)
    return found instanceof Missing ? 'gone' : found
  },
  demands: (target, { OpenIDConnectProviderArn }, call) => [
    target === 'gone'
      ? identityDemand(ACTION, OpenIDConnectProviderArn, call.account)
      : providerDemand(ACTION, target, call),
  ],
  prepare: (_input, target) => target,
  async apply(provider, tx, { stores }) {
    await stores.entities.hold(tx)
    if (provider !== 'gone') await stores.oidcProviders.delete(tx, provider)
    return {}
  },
}
