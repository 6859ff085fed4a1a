// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html
import { identityDemand } from '../../../contract/demand.ts'
import { oidcProviderArn } from '../oidc/oidc-provider.ts'
import { type IamReading, reads } from '../operation.ts'
import type {
  ListOpenIDConnectProvidersRequest,
  ListOpenIDConnectProvidersResponse,
} from '../wire.ts'

export const ListOpenIDConnectProviders: IamReading<
  ListOpenIDConnectProvidersRequest,
  ListOpenIDConnectProvidersResponse,
  'account'
> = {
  ...reads<ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse>(
    'ListOpenIDConnectProviders',
  ),
  limits: {},
  errors: [],
  target: () => 'account',
  demands: (_target, _input, { account }) => [
    identityDemand('iam:ListOpenIDConnectProviders', '*', account),
  ],
  async handle(_input, _target, { stores }) {
    const providers = await stores.oidcProviders.list()
    return {
      OpenIDConnectProviderList: providers.map((provider) => ({ Arn: oidcProviderArn(provider) })),
    }
  },
}
