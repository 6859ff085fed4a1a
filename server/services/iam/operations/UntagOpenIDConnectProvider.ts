// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html
import { CHANGE_ERRORS } from '../errors.ts'
import { TAG_KEYS } from '../limits.ts'
import {
  changeProvider,
  findProvider,
  PROVIDER,
  type ProviderChange,
  providerDemand,
} from '../oidc/oidc-operations.ts'
import type { OidcProvider } from '../oidc/oidc-provider.ts'
import { changes, type IamChange } from '../operation.ts'
import { requireTagKeys, withoutTags } from '../tags.ts'
import type { UntagOpenIDConnectProviderRequest } from '../wire.ts'

export const UntagOpenIDConnectProvider: IamChange<
  UntagOpenIDConnectProviderRequest,
  object,
  OidcProvider,
  ProviderChange
> = {
  ...changes<UntagOpenIDConnectProviderRequest, object>('UntagOpenIDConnectProvider'),
  limits: { ...PROVIDER, TagKeys: TAG_KEYS },
  errors: CHANGE_ERRORS,
  target: findProvider,
  demands: (target, { TagKeys }, call) => [
    providerDemand('iam:UntagOpenIDConnectProvider', target, call, () =>
      TagKeys.length === 0 ? [] : [['aws:TagKeys', TagKeys]],
    ),
  ],
  prepare({ TagKeys }, provider) {
    requireTagKeys([...new Set(TagKeys)])
    return { provider, change: { tags: withoutTags(provider.tags, TagKeys) } }
  },
  apply: changeProvider,
}
