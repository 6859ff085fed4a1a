// Every way in which a signature is not believed, in AWS's words; and what the memory of claims may not do.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Credential } from '../../contract/ports.ts'
import * as digest from '../../crypto/digest.ts'
import { secretKey } from '../../crypto/secret-key.ts'
import { type RequestParser, requestParser } from '../testing/parsed-requests.ts'
import { type Header, type Signer, signed, type Unsigned } from '../testing/signer.ts'
import type { SignedRequest } from './canonical-request.ts'
import { createVerifier, type Verifier } from './verify.ts'

vi.mock(import('../../crypto/digest.ts'), async (original) => {
  const actual = await original()
  return { ...actual, hmacSha256: vi.fn(actual.hmacSha256) }
})

const NOW_MS = Date.parse('2026-03-01T12:00:00Z')
const MISMATCH = 'The request signature we calculated does not match the signature you provided.'
const SIGNER: Signer = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'kms',
  atMs: NOW_MS,
}
const REQUEST: Unsigned = {
  method: 'POST',
  target: '/',
  headers: [
    ['Host', 'kms.example'],
    ['Content-Type', 'application/x-amz-json-1.1'],
    ['X-Amz-Target', 'TrentService.Encrypt'],
  ],
  body: '{"KeyId":"1"}',
}

let parser: RequestParser
let credentials: Map<string, Credential>
let verify: Verifier
beforeAll(async () => {
  parser = await requestParser()
  credentials = new Map([[SIGNER.accessKeyId, credential(SIGNER.secretAccessKey)]])
  verify = createVerifier(
    { findCredential: (id) => credentials.get(id) },
    new Set(['us-east-1', 'eu-west-1']),
  )
})
afterAll(() => parser.close())

function credential(secret: string): Credential {
  return {
    caller: {
      type: 'Root',
      account: '111122223333',
      arn: 'arn:aws:iam::111122223333:root',
      principalId: '111122223333',
      accessKeyId: SIGNER.accessKeyId,
    },
    signingSecret: secretKey(Buffer.from(`AWS4${secret}`)),
  }
}

/** What becomes of the request when its headers are changed after it was signed. */
async function sent(
  change: (headers: Header[]) => Header[] = (headers) => headers,
  { request = REQUEST, signer = SIGNER }: { request?: Unsigned; signer?: Signer } = {},
): Promise<SignedRequest> {
  return parser.parse({ ...request, headers: change(signed(request, signer)) })
}

const without = (name: string) => (headers: Header[]) => headers.filter(([given]) => given !== name)
const replaced = (name: string, edit: (value: string) => string) => (headers: Header[]) =>
  headers.map(([given, value]): Header => [given, given === name ? edit(value) : value])
const inAuthorization = (search: string | RegExp, to: string) =>
  replaced('Authorization', (value) => value.replace(search, to))

/** The error's name and message; fails where there is none. */
async function refusal(request: SignedRequest, nowMs = NOW_MS): Promise<string> {
  try {
    await verify(request, 'kms', nowMs)
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`
  }
  throw new Error('the request was believed')
}

const believes = async (request: SignedRequest, nowMs = NOW_MS) =>
  (await verify(request, 'kms', nowMs)).authorization.region

it('a rightly signed request is believed, now and when its claim is remembered', async () => {
  expect(await believes(await sent())).toBe('us-east-1')
  expect(await believes(await sent())).toBe('us-east-1')
  const elsewhere = { ...SIGNER, region: 'eu-west-1' }
  expect(await believes(await sent(undefined, { signer: elsewhere }))).toBe('eu-west-1')
})

describe('the Authorization header', () => {
  it('is missed where there is none, or an empty one', async () => {
    const missing = 'MissingAuthenticationTokenException: Missing Authentication Token'
    expect(await refusal(await sent(without('Authorization')))).toBe(missing)
    expect(await refusal(await sent(replaced('Authorization', () => '')))).toBe(missing)
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer abc', 'AWS AKID:sig', 'aws4-hmac-sha256 Credential=a'])(
    'is refused in another scheme: %s',
    async (value) => {
      expect(await refusal(await sent(replaced('Authorization', () => value)))).toBe(
        'IncompleteSignatureException: Unsupported Authorization scheme: only AWS4-HMAC-SHA256 is accepted.',
      )
    },
  )

  it.each(['Credential', 'SignedHeaders', 'Signature'])('is refused without %s', async (name) => {
    const request = await sent(inAuthorization(new RegExp(`${name}=[^,]*,? ?`), ''))
    expect(await refusal(request)).toContain(
      `IncompleteSignatureException: Authorization header requires '${name}' parameter. Authorization=AWS4`,
    )
  })

  it('names every missing part at once, and the date, and repeats no signature', async () => {
    const bare = replaced('Authorization', () => 'AWS4-HMAC-SHA256')
    const message = await refusal(await sent((headers) => without('X-Amz-Date')(bare(headers))))
    expect(message).toBe(
      "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    )
    const shown = await refusal(await sent(inAuthorization(/Credential=[^,]*, /, '')))
    expect(shown).toContain('Signature=…')
    expect(shown).not.toMatch(/[0-9a-f]{64}/)
  })

  it.each([
    'AKIDEXAMPLE',
    'AKIDEXAMPLE/20260301/us-east-1/kms',
    'AKIDEXAMPLE/20260301/us-east-1/kms/aws4_request/more',
    'AKIDEXAMPLE/20260301/us-east-1/kms/aws5_request',
    'AKIDEXAMPLE/2026-03-01/us-east-1/kms/aws4_request',
    'AKIDEXAMPLE/260301/us-east-1/kms/aws4_request',
    'AKIDEXAMPLE/20260301//kms/aws4_request',
    'AKIDEXAMPLE/20260301/us-east-1//aws4_request',
    '/20260301/us-east-1/kms/aws4_request',
  ])('is refused with the credential %s', async (value) => {
    const request = await sent(inAuthorization(/Credential=[^,]*/, `Credential=${value}`))
    expect(await refusal(request)).toBe(
      `IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${value}'`,
    )
  })

  it('is refused where it is longer than any of a client', async () => {
    const request = await sent(inAuthorization('SignedHeaders=', `${'x'.repeat(8192)}=`))
    expect(await refusal(request)).toBe(
      'IncompleteSignatureException: The Authorization header is too long.',
    )
  })

  it('is refused with a signature in upper case, as long as its claim is new', async () => {
    const signer = { ...SIGNER, atMs: NOW_MS - 86_400_000 }
    const upper = replaced('Authorization', (value) =>
      value.replace(/[0-9a-f]{64}$/, (digits) => digits.toUpperCase()),
    )
    expect(await refusal(await sent(upper, { signer }), signer.atMs)).toContain(
      'IncompleteSignatureException: Signature is not 64 hexadecimal digits.',
    )
  })

  it('is refused with a signature in upper case, too short or too long, once its claim is known', async () => {
    await verify(await sent(), 'kms', NOW_MS)
    const upper = (value: string) => value.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())
    const edits = [upper, (value: string) => `${value}0`, (value: string) => value.slice(0, -1)]
    for (const edit of edits) {
      expect(await refusal(await sent(replaced('Authorization', edit)))).toMatch(
        /^(Invalid|Incomplete)SignatureException: /,
      )
    }
  })
})

describe('the time of a signature', () => {
  const at = (ms: number) => ({ signer: { ...SIGNER, atMs: ms } })
  const FIVE_MINUTES_MS = 5 * 60_000

  it('may be exactly five minutes off, in both directions', async () => {
    expect(await believes(await sent(undefined, at(NOW_MS - FIVE_MINUTES_MS)))).toBe('us-east-1')
    expect(await believes(await sent(undefined, at(NOW_MS + FIVE_MINUTES_MS)))).toBe('us-east-1')
  })

  it('may not be a millisecond more than five minutes ago', async () => {
    const request = await sent(undefined, at(NOW_MS - FIVE_MINUTES_MS))
    expect(await refusal(request, NOW_MS + 1)).toBe(
      'InvalidSignatureException: Signature expired: 20260301T115500Z is now earlier than 20260301T115500Z (20260301T120000Z - 5 min.)',
    )
    expect(await refusal(request, NOW_MS + 1000)).toBe(
      'InvalidSignatureException: Signature expired: 20260301T115500Z is now earlier than 20260301T115501Z (20260301T120001Z - 5 min.)',
    )
  })

  it('may not be a millisecond more than five minutes ahead', async () => {
    const request = await sent(undefined, at(NOW_MS + FIVE_MINUTES_MS))
    expect(await refusal(request, NOW_MS - 1)).toBe(
      'InvalidSignatureException: Signature not yet current: 20260301T120500Z is still later than 20260301T120459Z (20260301T115959Z + 5 min.)',
    )
  })

  it('is refused once it expired, although its claim is remembered', async () => {
    const request = await sent()
    await verify(request, 'kms', NOW_MS)
    expect(await refusal(request, NOW_MS + FIVE_MINUTES_MS + 1)).toContain('Signature expired')
  })

  it('is refused where the credential scope has another date', async () => {
    const request = await sent(inAuthorization('/20260301/', '/20260302/'))
    expect(await refusal(request)).toBe(
      "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260302' != '20260301', from '20260301T120000Z'.",
    )
  })

  it.each(['2026-03-01T12:00:00Z', '20260301T120000', '20260301', '20261301T120000Z', 'now', ''])(
    'is refused in the form %s',
    async (date) => {
      expect(await refusal(await sent(replaced('X-Amz-Date', () => date)))).toBe(
        "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. The header X-Amz-Date needs the form YYYYMMDD'T'HHMMSS'Z'.",
      )
    },
  )

  it('is refused where the header is missing', async () => {
    expect(await refusal(await sent(without('X-Amz-Date')))).toMatch(/^IncompleteSignature/)
    const signer = { ...SIGNER, atMs: NOW_MS - 86_400_000 }
    expect(await refusal(await sent(without('X-Amz-Date'), { signer }))).toContain(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    )
  })
})

describe('the scope of a signature', () => {
  it('is refused for a Region that this server does not have', async () => {
    const signer = { ...SIGNER, region: 'mars-north-1' }
    expect(await refusal(await sent(undefined, { signer }))).toBe(
      "InvalidSignatureException: Credential should be scoped to a valid region, not 'mars-north-1'.",
    )
  })

  it('is refused for another service, even a rightly signed one', async () => {
    const signer = { ...SIGNER, service: 'sts' }
    expect(await refusal(await sent(undefined, { signer }))).toBe(
      "InvalidSignatureException: Credential should be scoped to correct service: 'kms'.",
    )
  })

  it('is refused where Region or service were changed after signing', async () => {
    const signer = { ...SIGNER, region: 'eu-west-1' }
    const moved = await sent(inAuthorization('eu-west-1', 'us-east-1'), { signer })
    expect(await refusal(moved)).toContain(MISMATCH)
    const other = { ...SIGNER, service: 'sts' }
    const served = await sent(inAuthorization('/sts/', '/kms/'), { signer: other })
    expect(await refusal(served)).toContain(MISMATCH)
  })
})

describe('the access key', () => {
  const UNKNOWN =
    'UnrecognizedClientException: The security token included in the request is invalid.'

  it('is refused where it is unknown', async () => {
    const signer = { ...SIGNER, accessKeyId: 'AKIDUNKNOWN' }
    expect(await refusal(await sent(undefined, { signer }))).toBe(UNKNOWN)
  })

  it('is refused together with a session token, signed or not', async () => {
    const token: Header = ['X-Amz-Security-Token', 'token']
    const request = { ...REQUEST, headers: [...REQUEST.headers, token] }
    expect(await refusal(await sent(undefined, { request }))).toBe(UNKNOWN)
    expect(await refusal(await sent((headers) => [...headers, token]))).toBe(UNKNOWN)
    expect(await refusal(await sent((headers) => [...headers, [token[0], '']]))).toBe(UNKNOWN)
  })

  it('is refused with another secret', async () => {
    const signer = { ...SIGNER, secretAccessKey: 'not the secret' }
    expect(await refusal(await sent(undefined, { signer }))).toContain(MISMATCH)
  })
})

describe('the signed headers', () => {
  it('must hold Host', async () => {
    const signer = { ...SIGNER, signedHeaders: ['content-type', 'x-amz-date', 'x-amz-target'] }
    expect(await refusal(await sent(undefined, { signer }))).toBe(
      "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
  })

  it.each(['x-amz-date', 'x-amz-target'])('must hold %s', async (name) => {
    const all = ['content-type', 'host', 'x-amz-date', 'x-amz-target']
    const signer = { ...SIGNER, signedHeaders: all.filter((given) => given !== name) }
    expect(await refusal(await sent(undefined, { signer }))).toBe(
      `InvalidSignatureException: '${name}' must be a 'SignedHeader' in the AWS Authorization.`,
    )
  })

  it.each(['X-Amz-Anything', 'x-AMZ-content-sha256', 'X-Amz-'])(
    'must hold %s, which somebody added on the way',
    async (name) => {
      const request = await sent((headers) => [...headers, [name, '1']])
      expect(await refusal(request)).toBe(
        `InvalidSignatureException: '${name.toLowerCase()}' must be a 'SignedHeader' in the AWS Authorization.`,
      )
    },
  )

  it('may leave out what is no header of AWS', async () => {
    const request = await sent((headers) => [...headers, ['User-Agent', 'me'], ['Accept', '*/*']])
    expect(await believes(request)).toBe('us-east-1')
  })

  it('must all be in the request', async () => {
    const request = { ...REQUEST, headers: [...REQUEST.headers, ['Extra', '1'] as Header] }
    expect(await refusal(await sent(without('Extra'), { request }))).toContain(MISMATCH)
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
    const outcome = await sent(twice).then(
      (request) => refusal(request),
      (error: Error) => error.message,
    )
    expect([
      `IncompleteSignatureException: The header '${name.toLowerCase()}' may stand only once in a request.`,
      'refused by the parser: HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    ]).toContain(outcome)
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
    expect(await refusal(await parser.parse({ ...REQUEST, headers, ...change }))).toContain(
      `InvalidSignatureException: ${MISMATCH}`,
    )
  })

  it.each([
    ['Host', 'other.example'],
    ['Content-Type', 'application/x-amz-json-1.0'],
    ['X-Amz-Target', 'TrentService.Decrypt'],
    ['X-Amz-Date', '20260301T120001Z'],
  ])('is refused: header %s', async (name, value) => {
    expect(await refusal(await sent(replaced(name, () => value)))).toContain(MISMATCH)
  })

  it('is refused with any other digit anywhere in its signature', async () => {
    const header = signed(REQUEST, SIGNER).at(-1)?.[1] ?? ''
    const start = header.length - 64
    for (let at = start; at < header.length; at += 7) {
      const other = header[at] === 'a' ? 'b' : 'a'
      const changed = header.slice(0, at) + other + header.slice(at + 1)
      const request = await sent(replaced('Authorization', () => changed))
      expect(await refusal(request), `digit ${at - start}`).toContain(MISMATCH)
    }
  })
})

describe('the memory of claims', () => {
  const derivations = () => vi.mocked(digest.hmacSha256).mock.calls.length / 4

  it('takes in a claim only after its signature was right', async () => {
    const signer = { ...SIGNER, region: 'eu-west-1', atMs: NOW_MS - 1000 }
    const fresh = createVerifier(
      { findCredential: (id) => credentials.get(id) },
      new Set(['eu-west-1']),
    )
    const right = await sent(undefined, { signer })
    const wrong = await sent(
      replaced('Authorization', (value) => value.replace(/.$/, (end) => (end === '0' ? '1' : '0'))),
      { signer },
    )
    const before = derivations()
    for (let round = 1; round <= 3; round++) {
      expect(() => fresh(wrong, 'kms', NOW_MS)).toThrow(MISMATCH)
      expect(derivations() - before).toBe(round)
    }
    await fresh(right, 'kms', NOW_MS)
    await fresh(right, 'kms', NOW_MS)
    expect(derivations() - before).toBe(4)
    expect(() => fresh(wrong, 'kms', NOW_MS)).toThrow(MISMATCH)
    expect(derivations() - before).toBe(4)
  })

  it('does not keep a replaced secret alive', async () => {
    const oldKey = credentials.get(SIGNER.accessKeyId) as Credential
    const before = await sent()
    await verify(before, 'kms', NOW_MS)
    credentials.set(SIGNER.accessKeyId, credential('a new secret'))
    expect(await refusal(before)).toContain(MISMATCH)
    const signer = { ...SIGNER, secretAccessKey: 'a new secret' }
    const after = await sent(undefined, { signer })
    expect(await believes(after)).toBe('us-east-1')
    expect(await refusal(before)).toContain(MISMATCH)
    credentials.set(SIGNER.accessKeyId, oldKey)
    expect(await refusal(after)).toContain(MISMATCH)
    expect(await believes(before)).toBe('us-east-1')
  })

  it('does not keep a removed access key alive', async () => {
    const key = credentials.get(SIGNER.accessKeyId) as Credential
    const request = await sent()
    await verify(request, 'kms', NOW_MS)
    credentials.delete(SIGNER.accessKeyId)
    expect(await refusal(request)).toContain('UnrecognizedClientException')
    credentials.set(SIGNER.accessKeyId, key)
    expect(await believes(request)).toBe('us-east-1')
  })

  it('does not let a known claim in for another service', async () => {
    const request = await sent()
    await verify(request, 'kms', NOW_MS)
    expect(() => verify(request, 'sts', NOW_MS)).toThrow('correct service')
  })

  it('serves a credential that comes later as well as one that is there', async () => {
    const later = createVerifier(
      { findCredential: async (id) => credentials.get(id) },
      new Set(['us-east-1']),
    )
    await expect(later(await sent(), 'kms', NOW_MS)).resolves.toBeDefined()
    const signer = { ...SIGNER, accessKeyId: 'AKIDUNKNOWN' }
    await expect(later(await sent(undefined, { signer }), 'kms', NOW_MS)).rejects.toThrow(
      'The security token included in the request is invalid.',
    )
  })
})
