// An OpenID Connect provider as IAM keeps it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
import type { Tag } from '../entities/entity.ts'

export type OidcProvider = {
  readonly account: string
  /** Without `https://`, and otherwise exactly as it was given: a slash at its end makes another issuer. */
  readonly url: string
  /** Counts the changes of the provider. */
  readonly version: number
  readonly clientIds: readonly string[]
  /** SHA-1 of certificates, 40 hexadecimal digits, as they were given. */
  readonly thumbprints: readonly string[]
  readonly tags: readonly Tag[]
  readonly createdAtMs: number
}

export function oidcProviderArn({ account, url }: Pick<OidcProvider, 'account' | 'url'>): string {
  return `arn:aws:iam::${account}:oidc-provider/${url}`
}
