// OpenID Connect providers for the tests of their operations, and what all of these refuse alike.
import { expect } from 'vitest'
import { arnOf, iamServer } from './iam-server.ts'

export const THUMBPRINT = 'A031C46782E6E6C662C2C87C76DA9AA62CCABD8E'
export const providerArn = (url: string) => arnOf(`oidc-provider/${url}`)
const none = { OpenIDConnectProviderArn: providerArn('none.example.org') }
const notFound = `NoSuchEntityException 404: OpenIDConnect Provider not found for arn ${none.OpenIDConnectProviderArn}`

/** A server of its own, and providers on it. */
export function oidcProviders() {
  const iam = iamServer()
  async function make(url: string, more: object = {}) {
    const made = await iam.call('CreateOpenIDConnectProvider', { Url: `https://${url}`, ...more })
    return { OpenIDConnectProviderArn: made.OpenIDConnectProviderArn as string }
  }
  return {
    iam,
    make,
    show: (named: object) => iam.call('GetOpenIDConnectProvider', named as never),
    /** The operation needs its permission, a provider that is there, and an ARN of one. */
    async needsProvider(operation: Parameters<typeof iam.needs>[0], more: object) {
      const named = await make(`${operation}.example.org`)
      await iam.needs(operation, { ...named, ...more }, [
        [`iam:${operation}`, named.OpenIDConnectProviderArn],
      ])
      expect(await iam.refused(operation, { ...none, ...more })).toBe(notFound)
      for (const OpenIDConnectProviderArn of [arnOf('role/not-a-provider'), 'x'.repeat(20)]) {
        expect(await iam.refused(operation, { OpenIDConnectProviderArn, ...more })).toBe(
          `InvalidInputException 400: ARN ${OpenIDConnectProviderArn} is not valid.`,
        )
      }
    },
  }
}
