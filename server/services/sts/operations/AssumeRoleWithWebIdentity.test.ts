// AssumeRoleWithWebIdentity as callers see it: without a signature, by a token of an issuer on loopback.
import { createHmac } from 'node:crypto'
import { CreateKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { hasOpenssl } from '../../../gateway/testing/certificates.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { filesIn, search } from '../../../testing/secret-search.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { entityArn, type Role } from '../../iam/entities/entity.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { recordOf } from '../../kms/testing/recorded.ts'
import { AUDIENCE, type OidcIssuer, oidcIssuer, SUBJECT } from '../testing/oidc-issuer.ts'
import { type People, peopleOf, signingBy, trusting as trustingBy } from '../testing/people.ts'

const ACCOUNT = '111122223333'

let issuer: OidcIssuer
let server: TestServer
let people: People
let provider: string
let checkout: Role

/** An unsigned client: no credentials are looked for. */
const anonymous = () =>
  server.sts({
    credentials: { accessKeyId: '', secretAccessKey: '' },
    signer: { sign: async (request: unknown) => request } as never,
  })

const seconds = () => Math.floor(Date.now() / 1000)

const trusting = (
  Condition: object,
  actions: string | string[] = 'sts:AssumeRoleWithWebIdentity',
) => trustingBy({ Federated: provider }, { Condition }, actions)

async function login(
  token: string | Promise<string> = issuer.token(),
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
) {
  const input = {
    RoleArn: entityArn('role', checkout),
    RoleSessionName: 'pod-1',
    WebIdentityToken: await token,
    ...more,
  }
  return anonymous().send(new AssumeRoleWithWebIdentityCommand(input))
}

const refused = async (...args: Parameters<typeof login>) => {
  const { name, message } = await refusalOf(login(...args))
  return `${name.replace(/^InvalidIdentityTokenException$/, 'InvalidIdentityToken')}: ${message}`
}

describe.runIf(hasOpenssl)('AssumeRoleWithWebIdentity', () => {
  beforeAll(async () => {
    issuer = await oidcIssuer()
    server = await testServer({ oidcCa: issuer.authority.caFile })
    people = peopleOf(server)
    provider = await people.oidcProvider({ url: issuer.url, clientIds: [AUDIENCE, 'other'] })
    checkout = await people.role('checkout', {
      trustPolicy: trusting({
        StringEquals: { [`${issuer.url}:sub`]: SUBJECT, [`${issuer.url}:aud`]: AUDIENCE },
      }),
      inline: [{ name: 'kms', document: allowing('kms:*') }],
    })
  })
  afterAll(async () => {
    await server.close()
    await issuer.close()
  })

  it('gives a session of the role to whom the trust policy lets in', async () => {
    const { $metadata, Credentials: given, ...answer } = await login()
    expect(answer).toEqual({
      SubjectFromWebIdentityToken: SUBJECT,
      Audience: AUDIENCE,
      Provider: provider,
      AssumedRoleUser: {
        AssumedRoleId: `${checkout.id}:pod-1`,
        Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/checkout/pod-1`,
      },
    })
    const credentials = signingBy(given)
    const { Arn } = await people.sts(credentials).send(new GetCallerIdentityCommand())
    expect(Arn).toBe(answer.AssumedRoleUser?.Arn)
    await server.kms({ credentials }).send(new CreateKeyCommand())
  })

  it('is recorded as CloudTrail records a web identity, without token and secrets', async () => {
    const token = await issuer.token()
    const record = await recordOf(server, login(token, { DurationSeconds: 900 }))
    expect(record).toMatchObject({
      eventName: 'AssumeRoleWithWebIdentity',
      userIdentity: {
        type: 'WebIdentityUser',
        principalId: `${provider}:${AUDIENCE}:${SUBJECT}`,
        userName: SUBJECT,
        identityProvider: provider,
      },
      requestParameters: {
        roleArn: entityArn('role', checkout),
        roleSessionName: 'pod-1',
        durationSeconds: 900,
      },
      responseElements: { provider, audience: AUDIENCE, subjectFromWebIdentityToken: SUBJECT },
      resources: [{ accountId: ACCOUNT, type: 'AWS::IAM::Role', ARN: entityArn('role', checkout) }],
      recipientAccountId: ACCOUNT,
    })
    expect(Object.keys(record.userIdentity as object).sort()).toEqual([
      'identityProvider',
      'principalId',
      'type',
      'userName',
    ])
    expect(search(filesIn(server.directory), new Map([['token', Buffer.from(token)]]))).toEqual([])
    expect(server.logged.join('\n')).not.toContain(token)
  })

  it('tells policies later on which provider vouched for the session', async () => {
    const only = (ProviderArn: string) =>
      allowing('kms:ListKeys', {
        Resource: '*',
        Condition: { StringEquals: { 'aws:FederatedProvider': ProviderArn } },
      })
    const list = async (Policy: string) => {
      const { Credentials: given } = await login(undefined, { Policy })
      return server.kms({ credentials: signingBy(given) }).send(new ListKeysCommand())
    }
    await list(only(provider))
    expect((await refusalOf(list(only(`${provider}x`)))).name).toBe('AccessDeniedException')
  })

  it('denies with the same words whether the role is missing or trusts others', async () => {
    const denied = 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity'
    expect(await refused(issuer.token({ sub: 'system:serviceaccount:shop:other' }))).toBe(denied)
    expect(await refused(issuer.token({ aud: 'other' }))).toBe(denied)
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/missing`
    expect(await refused(undefined, { RoleArn })).toBe(denied)
    // A trust policy for everybody is for AWS principals, not for every provider.
    const open = await people.role('open', {
      trustPolicy: allowing('sts:AssumeRoleWithWebIdentity', { Principal: '*' }),
    })
    expect(await refused(undefined, { RoleArn: entityArn('role', open) })).toBe(denied)
    const record = await recordOf(server, login(undefined, { RoleArn }))
    expect(record).toMatchObject({
      errorCode: 'AccessDenied',
      userIdentity: { type: 'WebIdentityUser', userName: SUBJECT },
      requestParameters: { roleArn: RoleArn },
    })
  })

  it('asks sts:TagSession and sts:SetSourceIdentity for what the token says of the session', async () => {
    const claims = {
      'https://aws.amazon.com/tags': {
        principal_tags: { team: ['blue'] },
        transitive_tag_keys: ['team'],
      },
      'https://aws.amazon.com/source_identity': 'checkout-pod',
    }
    expect(await refused(issuer.token(claims))).toMatch(/sts:TagSession$/)
    const condition = { StringEquals: { 'aws:RequestTag/team': 'blue' } }
    const tagged = await people.role('tagged', {
      trustPolicy: trusting(condition, [
        'sts:AssumeRoleWithWebIdentity',
        'sts:TagSession',
        'sts:SetSourceIdentity',
      ]),
    })
    const RoleArn = entityArn('role', tagged)
    expect(await login(issuer.token(claims), { RoleArn })).toMatchObject({
      SourceIdentity: 'checkout-pod',
      PackedPolicySize: expect.any(Number),
    })
    const flat = { 'https://aws.amazon.com/tags/principal_tags/team': 'red' }
    expect(await refused(issuer.token(flat), { RoleArn })).toMatch(/^AccessDenied/)
    const odd = { 'https://aws.amazon.com/tags': { principal_tags: { team: ['a', 'b'] } } }
    expect(await refused(issuer.token(odd), { RoleArn })).toMatch(/^InvalidIdentityToken/)
  })

  it('takes the authorized party for the audience, where the token names one', async () => {
    const role = await people.role('azp', {
      trustPolicy: trusting({
        StringEquals: { [`${issuer.url}:aud`]: 'other', [`${issuer.url}:oaud`]: 'api' },
      }),
    })
    const RoleArn = entityArn('role', role)
    const { Audience } = await login(issuer.token({ aud: 'api', azp: 'other' }), { RoleArn })
    expect(Audience).toBe('other')
    expect(await refused(issuer.token({ aud: 'other', azp: 'api' }), { RoleArn })).toBe(
      'InvalidIdentityToken: Incorrect token audience',
    )
  })

  it('refuses tokens for others, of others, and without what they must say', async () => {
    const told = async (claims: Record<string, unknown>) => refused(issuer.token(claims))
    expect(await told({ aud: 'somebody' })).toBe('InvalidIdentityToken: Incorrect token audience')
    expect(await told({ aud: undefined })).toBe('InvalidIdentityToken: Incorrect token audience')
    expect(await told({ iss: 'https://example.org' })).toBe(
      'InvalidIdentityToken: No OpenIDConnect provider found in your account for https://example.org',
    )
    // A slash more is another issuer.
    expect(await told({ iss: `https://${issuer.url}/` })).toMatch(
      /^InvalidIdentityToken: No OpenID/,
    )
    expect(await told({ iss: `http://${issuer.url}` })).toMatch(/^InvalidIdentityToken: No OpenID/)
    for (const claim of ['iss', 'sub', 'exp', 'iat']) {
      expect(await told({ [claim]: undefined })).toBe(
        `InvalidIdentityToken: Missing a required claim: ${claim}`,
      )
    }
    const elsewhere = 'arn:aws:iam::999999999999:role/checkout'
    expect(await refused(undefined, { RoleArn: elsewhere })).toBe(
      `InvalidIdentityToken: No OpenIDConnect provider found in your account for https://${issuer.url}`,
    )
  })

  it('accepts a token for five minutes after it expired, and none of tomorrow', async () => {
    const exp = seconds() - 240
    await login(issuer.token({ exp, iat: exp - 600 }))
    const old = seconds() - 400
    expect(await refused(issuer.token({ exp: old, iat: old - 600 }))).toMatch(
      /^ExpiredTokenException: Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
    )
    for (const claims of [{ nbf: seconds() + 400 }, { iat: seconds() + 400 }]) {
      expect(await refused(issuer.token(claims))).toBe(
        'InvalidIdentityToken: The ID Token is not valid yet.',
      )
    }
  })

  it('refuses what is no token, no signature, or a signature with what everybody knows', async () => {
    const notJwt =
      'InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)'
    for (const text of ['abcd', 'a.b.c', '....', 'eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AA']) {
      expect(await refused(text)).toBe(notJwt)
    }
    const [, payload = '', signature = ''] = (await issuer.token()).split('.')
    const head = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const none = `${head({ alg: 'none' })}.${payload}.`
    const [{ kid, ...jwk }] = issuer.keySet().keys as [{ kid: string }]
    // The public key as if it were a secret that issuer and server share.
    const confused = `${head({ alg: 'HS256', kid })}.${payload}`
    const mac = createHmac('sha256', JSON.stringify(jwk)).update(confused).digest('base64url')
    for (const token of [
      none,
      `${confused}.${mac}`,
      `${head({ alg: 'PS256', kid })}.${payload}.${signature}`,
    ]) {
      expect(await refused(token)).toMatch(
        /^InvalidIdentityToken: The ID Token is signed with an algorithm/,
      )
    }
    const other = (await issuer.token({ sub: 'admin' })).split('.')[1]
    const [own] = (await issuer.token()).split('.')
    expect(await refused(`${own}.${other}.${signature}`)).toBe(
      "InvalidIdentityToken: The ID Token's signature is not valid.",
    )
    expect(await refused('x'.repeat(20_001))).toMatch(/^ValidationError: 1 validation error/)
    expect(await refused(undefined, { RoleArn: 'arn:aws:iam::1:role/checkout' })).toBe(
      'ValidationError: Request ARN is invalid',
    )
  })

  it('refuses a session longer than the role has it, and a ProviderId', async () => {
    expect(await refused(undefined, { DurationSeconds: 7200 })).toBe(
      'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
    expect(await refused(undefined, { ProviderId: 'www.amazon.com' })).toMatch(
      /^ValidationError: Prov/,
    )
  })

  it('answers nobody but AssumeRoleWithWebIdentity without a signature', async () => {
    const { name } = await refusalOf(anonymous().send(new GetCallerIdentityCommand()))
    expect(name).toBe('MissingAuthenticationToken')
  })

  // The last test: from here on this address is refused.
  it('has an address that was refused too often wait', async () => {
    // While it stands still it forgives no refusal.
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const names = new Set<string>()
    for (let count = 0; count < 60; count++) names.add((await refusalOf(login('no token'))).name)
    expect([...names]).toEqual(['InvalidIdentityTokenException', 'Throttling'])
    expect(await refused()).toBe('Throttling: Rate exceeded')
  })
})
