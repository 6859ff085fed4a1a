// Signatures in the query string: AWS's published ones and those of the official signer are believed,
// for their time, their body and their session token. Refusals: presigned-refusals.test.ts.
import { STSClient } from '@aws-sdk/client-sts'
import { HttpRequest } from '@smithy/core/protocols'
import { describe, expect, it } from 'vitest'
import type { Credential } from '../../contract/ports.ts'
import { GET, inTarget, presignedVerification, STS } from '../testing/presigned-requests.ts'
import { type Header, presigned } from '../testing/signer.ts'
import { credential, KMS, MISMATCH, NOW_MS, REQUEST, SIGNER } from '../testing/verification.ts'
import suite from './vectors/aws-signing-test-suite.json' with { type: 'json' }
import { createVerifier } from './verify.ts'

const presigning = presignedVerification()
const { sent, verify, refusal } = presigning

describe('AWS test suite', () => {
  const TOKEN = 'X-Amz-Security-Token'
  const cases = Object.entries(suite.presigned.signatures).map(([name, signature]) => {
    const vector = suite.vectors.find((one) => one.name === name)
    const given = (vector?.headers ?? [['Host', 'example.amazonaws.com']]) as unknown as Header[]
    const headers = given.filter(([header]) => !/^(x-amz-.*|authorization)$/i.test(header))
    const token = given.find(([header]) => header === TOKEN)?.[1]
    const { method = 'GET', target = '/?c+d=', body = '' } = vector ?? {}
    const names = [...new Set(headers.map(([header]) => header.toLowerCase()))].sort()
    const query = new Map([
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      [
        'X-Amz-Credential',
        `${suite.accessKeyId}/20150830/${suite.region}/${suite.service}/aws4_request`,
      ],
      ['X-Amz-Date', '20150830T123600Z'],
      ['X-Amz-SignedHeaders', names.join(';')],
      ['X-Amz-Expires', String(suite.presigned.lifetimeSeconds)],
      ...(token === undefined ? [] : [[TOKEN, token] as const]),
      ['X-Amz-Signature', signature],
    ])
    const added = [...query].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')
    const whole = `${target}${target.includes('?') ? '&' : '?'}${added}`
    return { name, token, request: { method, target: whole, headers, body } }
  })
  const service = { name: suite.service, globalRegion: undefined }
  const atMs = Date.parse(suite.signedAt)
  const verifierFor = (token: string | undefined) =>
    createVerifier(
      {
        findCredential: (id, given) =>
          id === suite.accessKeyId && given === token
            ? credential(suite.secretAccessKey)
            : undefined,
      },
      new Set([suite.region]),
    )

  it.each(cases)('$name is believed presigned, and no other is', async ({ token, request }) => {
    const verifier = verifierFor(token)
    const arrived = await presigning.rig.parse(request)
    await expect(Promise.resolve(verifier(arrived, service, atMs))).resolves.toBeDefined()
    const last = request.target.at(-1) === '0' ? '1' : '0'
    const changed = await presigning.rig.parse({
      ...request,
      target: request.target.slice(0, -1) + last,
    })
    expect(() => verifier(changed, service, atMs)).toThrow(MISMATCH)
    expect(() => verifier(arrived, service, atMs + 3600_001)).toThrow('Signature expired')
  })
})

describe('the official signer', () => {
  const client = new STSClient({
    region: SIGNER.region,
    credentials: {
      accessKeyId: SIGNER.accessKeyId,
      secretAccessKey: SIGNER.secretAccessKey,
      sessionToken: 'a token/+=',
    },
  })
  const findCredential = (id: string, token: string | undefined): Credential | undefined =>
    id === SIGNER.accessKeyId && token === 'a token/+='
      ? credential(SIGNER.secretAccessKey)
      : undefined

  it('is believed, with its session token', async () => {
    const signer = (await client.config.signer({
      name: 'sigv4',
      signingName: 'sts',
      signingRegion: SIGNER.region,
      properties: {},
    })) as unknown as {
      presign(request: HttpRequest, options: object): Promise<HttpRequest>
    }
    const { query } = await signer.presign(
      new HttpRequest({
        method: 'GET',
        hostname: 'sts.example',
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host: 'sts.example' },
      }),
      { expiresIn: 60, signingDate: new Date(NOW_MS) },
    )
    const text = Object.entries(query as Record<string, string>)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&')
    const request = await presigning.rig.parse({ ...GET, target: `/?${text}` })
    const verifier = createVerifier({ findCredential }, new Set(['us-east-1']))
    const verified = await verifier(request, STS, NOW_MS)
    expect(verified.credential.caller.accessKeyId).toBe(SIGNER.accessKeyId)
  })
})

describe('a presigned request', () => {
  it('is believed as long as it says, to the second', async () => {
    const request = await sent()
    await expect(verify(request)).resolves.toBeDefined()
    await expect(verify(request, NOW_MS + 60_000)).resolves.toBeDefined()
    expect(await refusal(request, NOW_MS + 61_000)).toBe(
      'InvalidSignatureException: Signature expired: 20260301T120000Z is now earlier than 20260301T120001Z (20260301T120101Z - 1 min.)',
    )
    const short = await sent(undefined, { extra: { 'X-Amz-Expires': '90' } })
    expect(await refusal(short, NOW_MS + 90_001)).toContain('(20260301T120130Z - 90 sec.)')
  })

  it('may say a week and not a second more', async () => {
    const week = await sent(undefined, { extra: { 'X-Amz-Expires': '604800' } })
    await expect(verify(week, NOW_MS + 604_800_000)).resolves.toBeDefined()
    expect(await refusal(week, NOW_MS + 604_800_001)).toContain('Signature expired')
    for (const [expires, message] of [
      ['604801', 'X-Amz-Expires must be less than a week (in seconds) that is 604800'],
      ['9'.repeat(15), 'X-Amz-Expires must be less than a week (in seconds) that is 604800'],
      ['0', 'X-Amz-Expires must be at least 1'],
      ['-1', 'X-Amz-Expires should be a number'],
      ['1.5', 'X-Amz-Expires should be a number'],
      ['1e3', 'X-Amz-Expires should be a number'],
      ['', 'X-Amz-Expires should be a number'],
      ['9'.repeat(16), 'X-Amz-Expires should be a number'],
    ]) {
      const request = await sent(undefined, { extra: { 'X-Amz-Expires': expires as string } })
      expect(await refusal(request), expires).toBe(`IncompleteSignatureException: ${message}`)
    }
  })

  it('that does not say how long is believed as long as a header would be', async () => {
    const request = await sent(undefined, { extra: {} })
    await expect(verify(request, NOW_MS + 300_000)).resolves.toBeDefined()
    expect(await refusal(request, NOW_MS + 300_001)).toContain('Signature expired')
  })

  it('is not believed before its time', async () => {
    expect(await refusal(await sent(), NOW_MS - 300_001)).toContain('Signature not yet current')
  })

  it('covers its body: a POST is believed with that body alone', async () => {
    const headers: Header[] = [
      ...GET.headers,
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ]
    const request = {
      ...GET,
      method: 'POST',
      target: '/',
      headers,
      body: 'Action=GetCallerIdentity',
    }
    await expect(verify(await sent(undefined, { request }))).resolves.toBeDefined()
    const other = await sent((signed) => ({ ...signed, body: 'Action=AssumeRole' }), { request })
    expect(await refusal(other)).toContain(MISMATCH)
  })

  it('may not leave its body unsigned', async () => {
    const request = { ...GET, method: 'POST', body: 'UNSIGNED-PAYLOAD' }
    const extra = { 'X-Amz-Expires': '60', 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }
    await expect(verify(await sent(undefined, { request, extra }))).resolves.toBeDefined()
    const changed = await sent((signed) => ({ ...signed, body: 'other' }), { request, extra })
    expect(await refusal(changed)).toContain(MISMATCH)
  })

  it('is one of AWS JSON too', async () => {
    const request = presigned(REQUEST, SIGNER, { 'X-Amz-Expires': '60' })
    await expect(
      Promise.resolve(presigning.rig.verify(await presigning.rig.parse(request), KMS, NOW_MS)),
    ).resolves.toBeDefined()
  })
})

describe('a session token', () => {
  const known = credential(SIGNER.secretAccessKey)
  const verifierOf = (found: Credential) =>
    createVerifier(
      { findCredential: (_id, token) => (token === 'the-token' ? found : undefined) },
      new Set(['us-east-1']),
    )
  const extra = { 'X-Amz-Expires': '60', 'X-Amz-Security-Token': 'the-token' }

  it('in the query string is part of the credential', async () => {
    const verifier = verifierOf(known)
    const request = await sent(undefined, { extra })
    expect((await verifier(request, STS, NOW_MS)).credential).toBe(known)
    const without = await sent()
    expect(() => verifier(without, STS, NOW_MS)).toThrow('security token included')
    const other = await sent(inTarget('the-token', 'no-token'), { extra })
    expect(() => verifier(other, STS, NOW_MS)).toThrow('security token included')
  })

  it('in a header is part of the credential, where that header is signed', async () => {
    const token: Header = ['X-Amz-Security-Token', 'the-token']
    const request = { ...REQUEST, headers: [...REQUEST.headers, token] }
    const verifier = verifierOf(known)
    const signed = await presigning.rig.sent(undefined, { request })
    expect((await verifier(signed, KMS, NOW_MS)).credential).toBe(known)
    // Known by now: its token still counts.
    const other = { ...signed, headers: { ...signed.headers, 'x-amz-security-token': 'other' } }
    expect(() => verifier(other, KMS, NOW_MS)).toThrow('security token included')
    const unsigned = await presigning.rig.sent((headers) => [...headers, token])
    expect(() => verifier(unsigned, KMS, NOW_MS)).toThrow(
      "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
    )
    const expired = verifierOf({ ...known, expiresAtMs: NOW_MS })
    expect(() => expired(signed, KMS, NOW_MS)).toThrow(
      'The security token included in the request is expired',
    )
  })

  it('that was added after signing is refused', async () => {
    const request = await sent(inTarget('/?', '/?X-Amz-Security-Token=the-token&'))
    expect(() => verifierOf(known)(request, STS, NOW_MS)).toThrow(MISMATCH)
  })

  it('in query string and header is refused', async () => {
    const request = await sent(
      (signed) => ({
        ...signed,
        headers: [...signed.headers, ['X-Amz-Security-Token', 'the-token']],
      }),
      { extra },
    )
    expect(() => verifierOf(known)(request, STS, NOW_MS)).toThrow(
      "Found both 'X-Amz-Security-Token'",
    )
  })

  it('of credentials that have expired is refused as such', async () => {
    const request = await sent(undefined, { extra })
    const verifier = verifierOf({ ...known, expiresAtMs: NOW_MS })
    expect(() => verifier(request, STS, NOW_MS)).toThrow(
      'The security token included in the request is expired',
    )
  })
})
