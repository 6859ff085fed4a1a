// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { length } from '../../../schema/limits.ts'
import { CHANGE_ERRORS, EntityAlreadyExistsException, LimitExceededException } from '../errors.ts'
import { QUOTAS, TAGS } from '../limits.ts'
import {
  CLIENT_IDS,
  requireClientIds,
  requireThumbprints,
  THUMBPRINTS,
} from '../oidc/oidc-operations.ts'
import { type OidcProvider, oidcProviderArn } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import { readTags, requestTagKeys, tagsView } from '../tags.ts'
import type {
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
} from '../wire.ts'

/** Host and path: no user, no query, nothing that means more than itself in a policy. */
const ISSUER = /^https:\/\/([A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._~!&'()+,;=:@%/-]*)?)$/

export const CreateOpenIDConnectProvider: IamChange<
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  { readonly url: string },
  OidcProvider
> = {
  ...changes<CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse>(
    'CreateOpenIDConnectProvider',
  ),
  limits: {
    Url: length(1, 255),
    ClientIDList: CLIENT_IDS,
    ThumbprintList: THUMBPRINTS,
    Tags: TAGS,
  },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException],
  target({ Url }) {
    const url = ISSUER.exec(Url)?.[1]
    if (url === undefined || URL.parse(Url) === null) {
      throw new ValidationException('Invalid Open ID Connect Provider URL')
    }
    return { url }
  },
  demands(target, { Tags = [] }, call) {
    const { account } = call
    const arn = 'url' in target ? oidcProviderArn({ account, url: target.url }) : target.resource
    const demand = (action: string) =>
      identityDemand(action, arn, account, () => requestTagKeys(Tags))
    const create = demand('iam:CreateOpenIDConnectProvider')
    return Tags.length === 0 ? [create] : [create, demand('iam:TagOpenIDConnectProvider')]
  },
  prepare: ({ ClientIDList = [], ThumbprintList = [], Tags }, { url }, { account, nowMs }) => ({
    account,
    url,
    version: 1,
    clientIds: requireClientIds(ClientIDList),
    thumbprints: requireThumbprints(ThumbprintList),
    tags: readTags(Tags),
    createdAtMs: nowMs,
  }),
  async apply(provider, tx, call) {
    const { entities, oidcProviders } = call.stores
    await entities.hold(tx)
    if (!(await oidcProviders.insert(tx, provider))) {
      throw EntityAlreadyExistsException.oidcProvider(provider.url)
    }
    if ((await oidcProviders.count(tx)) > QUOTAS.oidcProviders) {
      throw LimitExceededException.quota('OpenIdConnectProvidersPerAccount', QUOTAS.oidcProviders)
    }
    const { tags } = provider
    const OpenIDConnectProviderArn = oidcProviderArn(provider)
    return { OpenIDConnectProviderArn, ...(tags.length > 0 && { Tags: tagsView(tags) }) }
  },
}
