// What the operations on OpenID Connect providers share: which provider is meant, what must be allowed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
import {
  type ConditionKeys,
  type Demand,
  identityDemand,
  noConditions,
} from '../../../contract/demand.ts'
import { Missing } from '../../../contract/operation.ts'
import { each, length } from '../../../schema/limits.ts'
import { InvalidInputException, LimitExceededException, NoSuchEntityException } from '../errors.ts'
import { ARN } from '../limits.ts'
import type { IamCall, IamChange } from '../operation.ts'
import { resourceTagKeys } from '../tags.ts'
import { type OidcProvider, oidcProviderArn } from './oidc-provider.ts'

export const PROVIDER = { OpenIDConnectProviderArn: ARN } as const
export const CLIENT_ID = length(1, 255)
export const CLIENT_IDS = each(CLIENT_ID)
export const THUMBPRINTS = each(length(40, 40))

const MAX_CLIENT_IDS = 100
const MAX_THUMBPRINTS = 5

/** The input of most of them. */
export type NamesProvider = { readonly OpenIDConnectProviderArn: string }

/** A provider, and what it is to have instead. */
export type ProviderChange = {
  readonly provider: OidcProvider
  readonly change: Partial<Pick<OidcProvider, 'clientIds' | 'thumbprints' | 'tags'>>
}

const PROVIDER_ARN = /^arn:aws:iam::(\d{12}):oidc-provider\/([\x21-\x7e]+)$/

/** The account's provider of this ARN. */
export async function findProvider(
  { OpenIDConnectProviderArn: arn }: NamesProvider,
  call: IamCall,
): Promise<OidcProvider | Missing> {
  const [, account, url] = PROVIDER_ARN.exec(arn) ?? []
  if (account === undefined || url === undefined) throw InvalidInputException.arn(arn)
  const provider = account === call.account ? await call.stores.oidcProviders.find(url) : undefined
  return provider ?? new Missing(arn, call.account, NoSuchEntityException.oidcProvider(arn))
}

export function providerDemand(
  action: string,
  target: OidcProvider | Missing,
  call: IamCall,
  conditions: ConditionKeys = noConditions,
): Demand {
  if (target instanceof Missing) {
    return identityDemand(action, target.resource, target.owner, conditions)
  }
  return identityDemand(action, oidcProviderArn(target), call.account, () => [
    ...resourceTagKeys(target.tags),
    ...conditions(),
  ])
}

export function requireClientIds(clientIds: readonly string[]): readonly string[] {
  const once = [...new Set(clientIds)]
  if (once.length > MAX_CLIENT_IDS) {
    throw LimitExceededException.quota('ClientIdsPerOpenIdConnectProvider', MAX_CLIENT_IDS)
  }
  return once
}

/** They are told as they were given; whatever compares them does not mind the case. */
export function requireThumbprints(thumbprints: readonly string[]): readonly string[] {
  if (thumbprints.length > MAX_THUMBPRINTS) throw InvalidInputException.thumbprints()
  for (const thumbprint of thumbprints) {
    if (!/^[0-9a-fA-F]{40}$/.test(thumbprint)) throw InvalidInputException.thumbprint(thumbprint)
  }
  return thumbprints
}

/** Stores the change under the hold of the account's IAM. */
export const changeProvider: IamChange<object, object, OidcProvider, ProviderChange>['apply'] =
  async ({ provider, change }, tx, call) => {
    await call.stores.entities.hold(tx)
    await call.stores.oidcProviders.change(tx, provider, change)
    return {}
  }
