// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { PAGE } from '../limits.ts'
import { findProvider, PROVIDER, providerDemand } from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import { tagsView } from '../tags.ts'
import type {
  ListOpenIDConnectProviderTagsRequest,
  ListOpenIDConnectProviderTagsResponse,
} from '../wire.ts'

export const ListOpenIDConnectProviderTags: IamReading<
  ListOpenIDConnectProviderTagsRequest,
  ListOpenIDConnectProviderTagsResponse,
  OidcProvider
> = {
  ...reads<ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse>(
    'ListOpenIDConnectProviderTags',
  ),
  limits: { ...PROVIDER, ...PAGE },
  errors: [NoSuchEntityException, InvalidInputException],
  target: findProvider,
  demands: (target, _input, call) => [
    providerDemand('iam:ListOpenIDConnectProviderTags', target, call),
  ],
  handle(input, { tags }) {
    const { entries, paging } = pageOfAll(tags, input, ({ key }) => key)
    return { Tags: tagsView(entries), ...paging }
  },
}
