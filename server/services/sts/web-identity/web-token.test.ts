// Whose signature is believed: every algorithm, keys that come and go, issuers that are away.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { OidcProvider } from '../../../contract/ports.ts'
import { issuerKeys } from './issuer-keys.ts'
import { IssuerError, type IssuerProblem } from './oidc-client.ts'
import { readClaims, requireVerified } from './web-token.ts'

const NOW_MS = 1_700_000_000_000
const SECONDS = NOW_MS / 1000
const PROVIDER: OidcProvider = {
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:oidc-provider/issuer.example.org',
  url: 'issuer.example.org',
  clientIds: ['sts.amazonaws.com'],
  thumbprints: [],
}

/** An issuer with one key; `clock` tells what time it is to what remembers its keys. */
async function issuerWith(algorithm: string, members: object = {}) {
  let made = 0
  let fetches = 0
  let problem: IssuerProblem | undefined
  let signer = await newKey()
  const clock = { nowMs: NOW_MS }
  const keys = issuerKeys(
    async () => {
      fetches++
      if (problem !== undefined) throw new IssuerError(problem, problem)
      return { keys: [signer.jwk] }
    },
    () => clock.nowMs,
  )
  async function newKey() {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
    const kid = `key-${++made}`
    return {
      kid,
      privateKey,
      jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', ...members },
    }
  }
  return {
    clock,
    fetches: () => fetches,
    be: (what: IssuerProblem | undefined) => {
      problem = what
    },
    rotate: async () => {
      signer = await newKey()
    },
    token: (kid: string | undefined = signer.kid) =>
      new SignJWT({ aud: 'sts.amazonaws.com', sub: 'somebody', iss: `https://${PROVIDER.url}` })
        .setProtectedHeader({ alg: algorithm, kid })
        .setIssuedAt(SECONDS)
        .setExpirationTime(SECONDS + 600)
        .sign(signer.privateKey),
    async verify(token: string) {
      const verified = requireVerified(token, readClaims(token), PROVIDER, keys, NOW_MS)
      return verified.then(
        ({ subject }) => subject,
        (error: Error) => `${error.constructor.name}: ${error.message}`,
      )
    },
  }
}

const NO_KEY =
  "InvalidIdentityTokenException: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"

describe('A token', () => {
  it.each(['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'signed with %s is believed',
    async (algorithm) => {
      const issuer = await issuerWith(algorithm)
      expect(await issuer.verify(await issuer.token())).toBe('somebody')
    },
  )

  it('signed with a key that came since is believed, and one whose key is gone is not', async () => {
    const issuer = await issuerWith('ES256')
    const old = await issuer.token()
    expect(await issuer.verify(old)).toBe('somebody')
    await issuer.rotate()
    const fresh = await issuer.token()
    expect(await issuer.verify(fresh)).toBe(NO_KEY)
    issuer.clock.nowMs += 30_000
    expect(await issuer.verify(fresh)).toBe('somebody')
    expect(await issuer.verify(old)).toBe(NO_KEY)
    expect(issuer.fetches()).toBe(2)
  })

  it('that names keys nobody has does not make us ask the issuer again and again', async () => {
    const issuer = await issuerWith('ES256')
    for (let count = 0; count < 20; count++) {
      expect(await issuer.verify(await issuer.token(`invented-${count}`))).toBe(NO_KEY)
    }
    expect(issuer.fetches()).toBe(1)
  })

  it('is not believed while its issuer is away, is somebody else, or talks nonsense', async () => {
    const issuer = await issuerWith('ES256')
    const token = await issuer.token()
    const while_ = async (problem: IssuerProblem) => {
      issuer.be(problem)
      issuer.clock.nowMs += 5000
      return issuer.verify(token)
    }
    expect(await while_('unreachable')).toMatch(/^IDPCommunicationErrorException: /)
    expect(await while_('untrusted')).toBe(
      "InvalidIdentityTokenException: OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    )
    expect(await while_('unusable')).toBe(NO_KEY)
    issuer.be(undefined)
    issuer.clock.nowMs += 5000
    expect(await issuer.verify(token)).toBe('somebody')
  })

  it('is not believed with a key for something else, or one that is none', async () => {
    const wrong = "InvalidIdentityTokenException: The ID Token's signature is not valid."
    for (const [members, told] of [
      [{ use: 'enc' }, NO_KEY],
      [{ alg: 'ES384' }, NO_KEY],
      [{ kty: 'oct', k: 'AAAA' }, NO_KEY],
      [{ x: 'AAAA' }, wrong],
    ] as const) {
      const issuer = await issuerWith('ES256', members)
      expect([members, await issuer.verify(await issuer.token())]).toEqual([members, told])
    }
  })
})
