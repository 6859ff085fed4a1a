// Signatures in the query string: AWS's published ones and those of the official signer are believed,
// and everything else is refused in AWS's words.
import { STSClient } from '@aws-sdk/client-sts'
import { HttpRequest } from '@smithy/core/protocols'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AwsError } from '../../contract/errors.ts'
import type { Credential } from '../../contract/ports.ts'
import {
  amzDate,
  authorization as authorizationHeader,
  type Header,
  presigned,
  type Signer,
  type Unsigned,
} from '../testing/signer.ts'
import {
  credential,
  KMS,
  MISMATCH,
  NOW_MS,
  REQUEST,
  SIGNER,
  type Verification,
  verification,
} from '../testing/verification.ts'
import { readForm } from '../wire/form.ts'
import suite from './vectors/aws-signing-test-suite.json' with { type: 'json' }
import { createVerifier } from './verify.ts'

const STS = { name: 'sts', globalRegion: undefined }
const GET: Unsigned = {
  method: 'GET',
  target: '/?Action=GetCallerIdentity&Version=2011-06-15',
  headers: [['Host', 'sts.example']],
  body: '',
}
const STS_SIGNER: Signer = { ...SIGNER, service: 'sts' }

let rig: Verification
beforeAll(async () => {
  rig = await verification()
})
afterAll(() => rig.close())

type Edit = (request: Unsigned) => Unsigned

/** The request as it arrives when it is changed after it was presigned. */
const sent = (
  edit: Edit = (request) => request,
  { request = GET, signer = STS_SIGNER, extra = { 'X-Amz-Expires': '60' } as Extra } = {},
) => rig.parse(edit(presigned(request, signer, extra)))
type Extra = Readonly<Record<string, string>>

const verify = async (request: Awaited<ReturnType<typeof sent>>, nowMs = NOW_MS) =>
  rig.verify(request, STS, nowMs)

async function refusal(request: Awaited<ReturnType<typeof sent>>, nowMs = NOW_MS) {
  try {
    await verify(request, nowMs)
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`
  }
  throw new Error('the request was believed')
}

const inTarget =
  (search: string | RegExp, to: string): Edit =>
  (request) => ({ ...request, target: request.target.replace(search, to) })

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
    const arrived = await rig.parse(request)
    await expect(Promise.resolve(verifier(arrived, service, atMs))).resolves.toBeDefined()
    const last = request.target.at(-1) === '0' ? '1' : '0'
    const changed = await rig.parse({ ...request, target: request.target.slice(0, -1) + last })
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
    const request = await rig.parse({ ...GET, target: `/?${text}` })
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

  it.each([
    ['method', (request: Unsigned) => ({ ...request, method: 'PUT' })],
    ['action', inTarget('GetCallerIdentity', 'AssumeRole')],
    ['path', inTarget('/?', '/a?')],
    ['another parameter', inTarget('/?', '/?a=b&')],
    ['lifetime', inTarget('X-Amz-Expires=60', 'X-Amz-Expires=600')],
    ['no lifetime', inTarget('&X-Amz-Expires=60', '')],
    ['later date', inTarget('X-Amz-Date=20260301T120000Z', 'X-Amz-Date=20260301T120001Z')],
    ['signature', inTarget(/X-Amz-Signature=[0-9a-f]{4}/, 'X-Amz-Signature=0000')],
    ['host', (request: Unsigned) => ({ ...request, headers: [['Host', 'x'] as Header] })],
  ] as [string, Edit][])('changed afterwards is refused: %s', async (_what, edit) => {
    expect(await refusal(await sent(edit))).toBe(
      `InvalidSignatureException: ${MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for details.`,
    )
  })

  it.each([
    ['X-Amz-Algorithm', '', /AWS query-string parameters must include 'X-Amz-Algorithm'\./],
    ['X-Amz-Credential', '', /must include 'X-Amz-Credential'\. Re-examine the query-string/],
    ['X-Amz-Date', '', /must include 'X-Amz-Date'\./],
    ['X-Amz-SignedHeaders', '', /must include 'X-Amz-SignedHeaders'\./],
    ['X-Amz-Signature', '', /must include 'X-Amz-Signature'\./],
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA1', /only AWS4-HMAC-SHA256 is accepted/],
    ['X-Amz-Algorithm', 'AWS4-ECDSA-P256-SHA256', /only AWS4-HMAC-SHA256 is accepted/],
    ['X-Amz-Credential', 'AKIDEXAMPLE', /Credential must have exactly 5 slash-delimited/],
    ['X-Amz-Credential', 'a/b/c/d/aws4_request', /Credential must have exactly 5/],
    ['X-Amz-Credential', '%zz', /not UTF-8 in percent-encoding/],
    ['X-Amz-Signature', 'f'.repeat(63), /not 64 hexadecimal digits/],
    ['X-Amz-Signature', 'F'.repeat(64), /not 64 hexadecimal digits/],
    ['X-Amz-Date', 'now', /Date must be in ISO-8601/],
    ['X-Amz-Date', '20260302T120000Z', /Date in Credential scope does not match/],
    ['X-Amz-SignedHeaders', 'content-type', /'Host' or ':authority' must be a 'SignedHeader'/],
  ])('with another %s is refused: %s', async (name, value, message) => {
    const edit = inTarget(new RegExp(`${name}=[^&]*`), `${name}=${value}`)
    expect(await refusal(await sent(edit))).toMatch(message)
  })

  it('without any of its parameters is told all of them', async () => {
    const request = await rig.parse({ ...GET, target: '/?X-Amz-Algorithm=&Action=a' })
    expect(await refusal(request)).toBe(
      "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    )
  })

  it.each([
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-Signature',
  ])('with %s twice is refused, also where one is spelled otherwise', async (name) => {
    const twice = inTarget(new RegExp(`(${name}=[^&]*)`), `$1&$1`)
    expect(await refusal(await sent(twice))).toContain(`'${name}' may stand only once`)
    const spelled = `${name.replaceAll('-', '%2D')}=x`
    expect(await refusal(await sent(inTarget('/?', `/?${spelled}&`)))).toContain('only once')
  })

  it('that is signed in its header as well is refused', async () => {
    const both = await sent((request) => {
      const headers: Header[] = [...request.headers, ['X-Amz-Date', amzDate(NOW_MS)]]
      const header = authorizationHeader({ ...request, headers }, STS_SIGNER)
      return { ...request, headers: [...headers, ['Authorization', header]] }
    })
    expect(await refusal(both)).toBe(
      "InvalidSignatureException: Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )
  })

  it('may not carry a header of AWS that is not signed', async () => {
    for (const name of ['X-Amz-Target', 'X-Amz-Date', 'X-Amz-Security-Token']) {
      const added: Edit = (request) => ({ ...request, headers: [...request.headers, [name, 'x']] })
      const told = await refusal(await sent(added))
      expect(told).toMatch(/must be a 'SignedHeader'|UnrecognizedClientException/)
    }
  })

  it('for another service, an unknown key or a Region that is not served is refused', async () => {
    const as = async (signer: Partial<Signer>) =>
      refusal(await sent(undefined, { signer: { ...STS_SIGNER, ...signer } }))
    expect(await as({ service: 'kms' })).toContain("scoped to correct service: 'sts'")
    expect(await as({ accessKeyId: 'AKIDNOBODY' })).toMatch(/^UnrecognizedClientException/)
    expect(await as({ region: 'mars-north-1' })).toContain('scoped to a valid region')
    expect(await as({ secretAccessKey: 'x' })).toContain(MISMATCH)
  })

  it('is one of AWS JSON too', async () => {
    const request = presigned(REQUEST, SIGNER, { 'X-Amz-Expires': '60' })
    await expect(
      Promise.resolve(rig.verify(await rig.parse(request), KMS, NOW_MS)),
    ).resolves.toBeDefined()
  })
})

it('a spoiled URL is refused in the words of AWS, and believed only where it says the same', async () => {
  const target = `${GET.target}&Note=a%2Bb%20c`
  const request = await sent(undefined, { request: { ...GET, target } })
  const { url } = request
  const meaning = (text: string) => {
    const query = Buffer.from(text.slice(text.indexOf('?') + 1), 'latin1')
    const { parameters, problem } = readForm(Buffer.alloc(0), query)
    return problem ?? [...parameters].map(String).sort().join('\n')
  }
  const refused = /^The request is not a form/
  const piece = fc.constantFrom(
    '',
    '&',
    '=',
    '%',
    '%2',
    '%00',
    '+',
    '?',
    '/',
    'a',
    '0',
    '&&',
    '%2D',
    ';',
    '#',
  )
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat({ max: 3 }), piece, async (at, cut, insert) => {
      const start = at % url.length
      const spoiled = url.slice(0, start) + insert + url.slice(start + cut)
      try {
        await verify({ ...request, url: spoiled })
      } catch (error) {
        expect(error).toBeInstanceOf(AwsError)
        return
      }
      const understood = meaning(spoiled)
      if (!refused.test(understood)) expect(understood).toBe(meaning(url))
    }),
    { numRuns: 3000 },
  )
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
    const signed = await rig.sent(undefined, { request })
    expect((await verifier(signed, KMS, NOW_MS)).credential).toBe(known)
    // Known by now: its token still counts.
    const other = { ...signed, headers: { ...signed.headers, 'x-amz-security-token': 'other' } }
    expect(() => verifier(other, KMS, NOW_MS)).toThrow('security token included')
    const unsigned = await rig.sent((headers) => [...headers, token])
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
