// Every way in which a signature is not believed, in AWS's words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Header, signed } from '../testing/signer.ts'
import {
  inAuthorization,
  KMS,
  MISMATCH,
  NOW_MS,
  REQUEST,
  replaced,
  SIGNER,
  type Verification,
  verification,
  without,
} from '../testing/verification.ts'

let rig: Verification
beforeAll(async () => {
  rig = await verification()
})
afterAll(() => rig.close())

it('a rightly signed request is believed, now and when its claim is remembered', async () => {
  expect(await rig.believes(await rig.sent())).toBe('us-east-1')
  expect(await rig.believes(await rig.sent())).toBe('us-east-1')
  const elsewhere = { ...SIGNER, region: 'eu-west-1' }
  expect(await rig.believes(await rig.sent(undefined, { signer: elsewhere }))).toBe('eu-west-1')
})

describe('the time of a signature', () => {
  const at = (ms: number) => ({ signer: { ...SIGNER, atMs: ms } })
  const FIVE_MINUTES_MS = 5 * 60_000

  it('may be exactly five minutes off, in both directions', async () => {
    expect(await rig.believes(await rig.sent(undefined, at(NOW_MS - FIVE_MINUTES_MS)))).toBe(
      'us-east-1',
    )
    expect(await rig.believes(await rig.sent(undefined, at(NOW_MS + FIVE_MINUTES_MS)))).toBe(
      'us-east-1',
    )
  })

  it('may not be a millisecond more than five minutes ago', async () => {
    const request = await rig.sent(undefined, at(NOW_MS - FIVE_MINUTES_MS))
    expect(await rig.refusal(request, NOW_MS + 1)).toBe(
      'InvalidSignatureException: Signature expired: 20260301T115500Z is now earlier than 20260301T115500Z (20260301T120000Z - 5 min.)',
    )
    expect(await rig.refusal(request, NOW_MS + 1000)).toBe(
      'InvalidSignatureException: Signature expired: 20260301T115500Z is now earlier than 20260301T115501Z (20260301T120001Z - 5 min.)',
    )
  })

  it('may not be a millisecond more than five minutes ahead', async () => {
    const request = await rig.sent(undefined, at(NOW_MS + FIVE_MINUTES_MS))
    expect(await rig.refusal(request, NOW_MS - 1)).toBe(
      'InvalidSignatureException: Signature not yet current: 20260301T120500Z is still later than 20260301T120459Z (20260301T115959Z + 5 min.)',
    )
  })

  it('is refused once it expired, although its claim is remembered', async () => {
    const request = await rig.sent()
    await rig.verify(request, KMS, NOW_MS)
    expect(await rig.refusal(request, NOW_MS + FIVE_MINUTES_MS + 1)).toContain('Signature expired')
  })

  it('is refused where the credential scope has another date', async () => {
    const request = await rig.sent(inAuthorization('/20260301/', '/20260302/'))
    expect(await rig.refusal(request)).toBe(
      "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260302' != '20260301', from '20260301T120000Z'.",
    )
  })

  it.each(['2026-03-01T12:00:00Z', '20260301T120000', '20260301', '20261301T120000Z', 'now', ''])(
    'is refused in the form %s',
    async (date) => {
      expect(await rig.refusal(await rig.sent(replaced('X-Amz-Date', () => date)))).toBe(
        "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. The header X-Amz-Date needs the form YYYYMMDD'T'HHMMSS'Z'.",
      )
    },
  )

  it('is refused where the header is missing', async () => {
    expect(await rig.refusal(await rig.sent(without('X-Amz-Date')))).toMatch(/^IncompleteSignature/)
    const signer = { ...SIGNER, atMs: NOW_MS - 86_400_000 }
    expect(await rig.refusal(await rig.sent(without('X-Amz-Date'), { signer }))).toContain(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    )
  })
})

describe('the scope of a signature', () => {
  it('is refused for a Region that this server does not have', async () => {
    const signer = { ...SIGNER, region: 'mars-north-1' }
    expect(await rig.refusal(await rig.sent(undefined, { signer }))).toBe(
      "InvalidSignatureException: Credential should be scoped to a valid region, not 'mars-north-1'.",
    )
  })

  it('is refused for another service, even a rightly signed one', async () => {
    const signer = { ...SIGNER, service: 'sts' }
    expect(await rig.refusal(await rig.sent(undefined, { signer }))).toBe(
      "InvalidSignatureException: Credential should be scoped to correct service: 'kms'.",
    )
  })

  it('is refused where Region or service were changed after signing', async () => {
    const signer = { ...SIGNER, region: 'eu-west-1' }
    const moved = await rig.sent(inAuthorization('eu-west-1', 'us-east-1'), { signer })
    expect(await rig.refusal(moved)).toContain(MISMATCH)
    const other = { ...SIGNER, service: 'sts' }
    const served = await rig.sent(inAuthorization('/sts/', '/kms/'), { signer: other })
    expect(await rig.refusal(served)).toContain(MISMATCH)
  })
})

describe('the access key', () => {
  const UNKNOWN =
    'UnrecognizedClientException: The security token included in the request is invalid.'

  it('is refused where it is unknown', async () => {
    const signer = { ...SIGNER, accessKeyId: 'AKIDUNKNOWN' }
    expect(await rig.refusal(await rig.sent(undefined, { signer }))).toBe(UNKNOWN)
  })

  it('is refused together with a session token, signed or not', async () => {
    const token: Header = ['X-Amz-Security-Token', 'token']
    const request = { ...REQUEST, headers: [...REQUEST.headers, token] }
    expect(await rig.refusal(await rig.sent(undefined, { request }))).toBe(UNKNOWN)
    expect(await rig.refusal(await rig.sent((headers) => [...headers, token]))).toBe(UNKNOWN)
    expect(await rig.refusal(await rig.sent((headers) => [...headers, [token[0], '']]))).toBe(
      UNKNOWN,
    )
  })

  it('is refused with another secret', async () => {
    const signer = { ...SIGNER, secretAccessKey: 'not the secret' }
    expect(await rig.refusal(await rig.sent(undefined, { signer }))).toContain(MISMATCH)
  })
})

describe('the signed headers', () => {
  it('must hold Host', async () => {
    const signer = { ...SIGNER, signedHeaders: ['content-type', 'x-amz-date', 'x-amz-target'] }
    expect(await rig.refusal(await rig.sent(undefined, { signer }))).toBe(
      "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
  })

  it.each(['x-amz-date', 'x-amz-target'])('must hold %s', async (name) => {
    const all = ['content-type', 'host', 'x-amz-date', 'x-amz-target']
    const signer = { ...SIGNER, signedHeaders: all.filter((given) => given !== name) }
    expect(await rig.refusal(await rig.sent(undefined, { signer }))).toBe(
      `InvalidSignatureException: '${name}' must be a 'SignedHeader' in the AWS Authorization.`,
    )
  })

  it.each(['X-Amz-Anything', 'x-AMZ-content-sha256', 'X-Amz-'])(
    'must hold %s, which somebody added on the way',
    async (name) => {
      const request = await rig.sent((headers) => [...headers, [name, '1']])
      expect(await rig.refusal(request)).toBe(
        `InvalidSignatureException: '${name.toLowerCase()}' must be a 'SignedHeader' in the AWS Authorization.`,
      )
    },
  )

  it('may leave out what is no header of AWS', async () => {
    const request = await rig.sent((headers) => [
      ...headers,
      ['User-Agent', 'me'],
      ['Accept', '*/*'],
    ])
    expect(await rig.believes(request)).toBe('us-east-1')
  })

  it('must all be in the request', async () => {
    const request = { ...REQUEST, headers: [...REQUEST.headers, ['Extra', '1'] as Header] }
    expect(await rig.refusal(await rig.sent(without('Extra'), { request }))).toContain(MISMATCH)
  })

  it.each([
    ['Authorization', 'AWS4-HMAC-SHA256 Credential=x'],
    ['Host', 'elsewhere'],
    ['X-Amz-Date', '20260301T120001Z'],
    ['X-Amz-Target', 'TrentService.Decrypt'],
    ['X-Amz-Security-Token', 'x'],
    ['Content-Type', 'text/plain'],
  ] as Header[])('may not stand twice: %s', async (name, value) => {
    const twice = (headers: Header[]): Header[] =>
      name === 'X-Amz-Security-Token'
        ? [...headers, [name, value], [name, value]]
        : [...headers, [name, value]]
    // A second Host header or the like is refused by node itself, before anything is verified.
    const outcome = await rig.sent(twice).then(
      (request) => rig.refusal(request),
      (error: Error) => error.message,
    )
    expect([
      `IncompleteSignatureException: The header '${name.toLowerCase()}' may stand only once in a request.`,
      'refused by the parser: HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    ]).toContain(outcome)
  })
})

describe('a signature for a global service', () => {
  const IAM = { name: 'iam', globalRegion: 'us-gov-west-1' }
  const scoped = (region: string) =>
    rig.sent(undefined, { signer: { ...SIGNER, service: 'iam', region } })

  it('may be scoped to its Region, served or not, and to any that is served', async () => {
    for (const region of ['us-gov-west-1', 'us-east-1', 'eu-west-1']) {
      const verified = await rig.verify(await scoped(region), IAM, NOW_MS)
      expect(verified.authorization.region).toBe(region)
    }
  })

  it('may not be scoped to any other Region, nor may one for another service', async () => {
    const elsewhere = await scoped('mars-north-1')
    expect(() => rig.verify(elsewhere, IAM, NOW_MS)).toThrow(
      "Credential should be scoped to a valid region, not 'mars-north-1'.",
    )
    const forKms = await rig.sent(undefined, { signer: { ...SIGNER, region: 'us-gov-west-1' } })
    expect(() => rig.verify(forKms, IAM, NOW_MS)).toThrow(
      "Credential should be scoped to correct service: 'iam'.",
    )
    expect(() => rig.verify(forKms, KMS, NOW_MS)).toThrow('scoped to a valid region')
  })
})

describe('a request changed after signing', () => {
  it.each([
    ['body', { body: '{"KeyId":"2"}' }],
    ['empty body', { body: '' }],
    ['longer body', { body: `${REQUEST.body} ` }],
    ['path', { target: '/a' }],
    ['query', { target: '/?a=1' }],
    ['method', { method: 'PUT' }],
  ] as const)('is refused: %s', async (_what, change) => {
    const headers = signed(REQUEST, SIGNER)
    expect(await rig.refusal(await rig.parse({ ...REQUEST, headers, ...change }))).toContain(
      `InvalidSignatureException: ${MISMATCH}`,
    )
  })

  it.each([
    ['Host', 'other.example'],
    ['Content-Type', 'application/x-amz-json-1.0'],
    ['X-Amz-Target', 'TrentService.Decrypt'],
    ['X-Amz-Date', '20260301T120001Z'],
  ])('is refused: header %s', async (name, value) => {
    expect(await rig.refusal(await rig.sent(replaced(name, () => value)))).toContain(MISMATCH)
  })

  it('is refused with any other digit anywhere in its signature', async () => {
    const header = signed(REQUEST, SIGNER).at(-1)?.[1] ?? ''
    const start = header.length - 64
    for (let at = start; at < header.length; at += 7) {
      const other = header[at] === 'a' ? 'b' : 'a'
      const changed = header.slice(0, at) + other + header.slice(at + 1)
      const request = await rig.sent(replaced('Authorization', () => changed))
      expect(await rig.refusal(request), `digit ${at - start}`).toContain(MISMATCH)
    }
  })
})
