// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html
import { CHANGE_ERRORS } from '../errors.ts'
import { TAGS } from '../limits.ts'
import {
  changeProvider,
  findProvider,
  PROVIDER,
  type ProviderChange,
  providerDemand,
} from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import { readTags, requestTagKeys, withTags } from '../tags.ts'
import type { TagOpenIDConnectProviderRequest } from '../wire.ts'

export const TagOpenIDConnectProvider: IamChange<
  TagOpenIDConnectProviderRequest,
  object,
  OidcProvider,
  ProviderChange
> = {
  ...changes<TagOpenIDConnectProviderRequest, object>('TagOpenIDConnectProvider'),
  limits: { ...PROVIDER, Tags: TAGS },
  errors: CHANGE_ERRORS,
  target: findProvider,
  demands: (target, { Tags }, call) => [
    providerDemand('iam:TagOpenIDConnectProvider', target, call, () => requestTagKeys(Tags)),
  ],
  prepare: ({ Tags }, provider) => ({
    provider,
    change: { tags: withTags(provider.tags, readTags(Tags)) },
  }),
  apply: changeProvider,
}
