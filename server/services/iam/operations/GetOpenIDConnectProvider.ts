// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { findProvider, PROVIDER, providerDemand } from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { type IamReading, reads } from '../operation.ts'
import { tagsView } from '../tags.ts'
import type { GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse } from '../wire.ts'

export const GetOpenIDConnectProvider: IamReading<
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  OidcProvider
> = {
  ...reads<GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse>(
    'GetOpenIDConnectProvider',
  ),
  limits: PROVIDER,
  errors: [NoSuchEntityException, InvalidInputException],
  target: findProvider,
  demands: (target, _input, call) => [providerDemand('iam:GetOpenIDConnectProvider', target, call)],
  // The URL is told without its https://, as AWS does.
  handle: (_input, { url, clientIds, thumbprints, createdAtMs, tags }) => ({
    Url: url,
    ClientIDList: [...clientIds],
    ThumbprintList: [...thumbprints],
    CreateDate: new Date(createdAtMs),
    ...(tags.length > 0 && { Tags: tagsView(tags) }),
  }),
}
