// AWS's published test suite for Signature Version 4, over node's parser: what arrives is what counts.

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretKey } from '../../crypto/secret-key.ts'
import { rootCaller } from '../../services/iam/callers.ts'
import { type RequestParser, requestParser } from '../testing/parsed-requests.ts'
import type { Header, Unsigned } from '../testing/signer.ts'
import {
  canonicalHead,
  hasRepeatedHeaders,
  isRepeated,
  type SignedRequest,
} from './canonical-request.ts'
import suite from './vectors/aws-signing-test-suite.json' with { type: 'json' }
import { createVerifier } from './verify.ts'

const SERVICE = { name: suite.service, globalRegion: undefined }

type Vector = (typeof suite.vectors)[number]

let parser: RequestParser
beforeAll(async () => {
  parser = await requestParser()
})
afterAll(() => parser.close())

const onTheWire = suite.vectors.filter((vector) => !('notOnTheWire' in vector))
const believed = onTheWire.filter((vector) => !('refused' in vector))
const refused = onTheWire.filter((vector) => 'refused' in vector)
const illegal = suite.vectors.filter((vector) => 'notOnTheWire' in vector)

const verify = createVerifier(
  {
    findCredential: (id, sessionToken) =>
      id === suite.accessKeyId && sessionToken === undefined
        ? {
            caller: rootCaller('111122223333', id),
            signingSecret: secretKey(Buffer.from(`AWS4${suite.secretAccessKey}`)),
            expiresAtMs: undefined,
          }
        : undefined,
  },
  new Set([suite.region]),
)

/** The vector as bytes on the wire: text outside ASCII is UTF-8, which headers and targets carry as Latin-1. */
function wire({ method, target, headers, body }: Vector): Unsigned {
  return {
    method,
    target: Buffer.from(target).toString('latin1'),
    headers: headers.map(([name, value]): Header => [name as string, value as string]),
    body,
  }
}

function signedHeadersOf({ canonicalRequest }: Vector): string {
  return canonicalRequest.split('\n').at(-2) ?? ''
}

function canonicalText(request: SignedRequest, names: readonly string[]): string | undefined {
  const head = canonicalHead(request, names, names.join(';'))
  const bodyHash = createHash('sha256').update(request.body).digest('hex')
  return head === undefined ? undefined : head + bodyHash
}

it('the suite leaves out no request without a reason', () => {
  expect(suite.vectors).toHaveLength(28)
  expect(believed).toHaveLength(21)
  expect(illegal.map(({ name }) => name)).toEqual([
    'get-header-value-multiline',
    'get-space-normalized',
    'get-utf8',
    'get-vanilla-utf8-query',
  ])
})

describe.each(onTheWire)('AWS test suite $name', (vector) => {
  it('gives the published canonical request', async () => {
    const request = await parser.parse(wire(vector))
    const names = signedHeadersOf(vector)
    expect(canonicalText(request, names.split(';'))).toBe(
      Buffer.from(vector.canonicalRequest).toString('latin1'),
    )
  })
})

it.each(illegal.filter(({ headers }) => headers.length === 3))(
  'AWS test suite $name gives the published canonical request where a parser lets it pass',
  (vector) => {
    const { method, target, headers, body } = wire(vector)
    const request = {
      method,
      url: target,
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      rawHeaders: headers.flat(),
      body: Buffer.from(body),
    }
    const names = signedHeadersOf(vector)
    expect(canonicalText(request, names.split(';'))).toBe(
      Buffer.from(vector.canonicalRequest).toString('latin1'),
    )
  },
)

it.each(believed)('the verifier believes $name', async (vector) => {
  const request = await parser.parse(wire(vector))
  const verified = await verify(request, SERVICE, Date.parse(suite.signedAt))
  expect(verified.credential.caller.accessKeyId).toBe(suite.accessKeyId)
})

it.each(believed)(
  'the verifier does not believe $name with a changed signature',
  async (vector) => {
    const { headers, ...rest } = wire(vector)
    const changed = headers.map(([name, value]): Header => {
      if (name !== 'Authorization') return [name, value]
      return [name, `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`]
    })
    const request = await parser.parse({ ...rest, headers: changed })
    expect(() => verify(request, SERVICE, Date.parse(suite.signedAt))).toThrow(
      'The request signature we calculated does not match',
    )
  },
)

it.each(refused)('the verifier refuses $name', async (vector) => {
  const request = await parser.parse(wire(vector))
  expect(() => verify(request, SERVICE, Date.parse(suite.signedAt))).toThrow(
    /security token|must be a 'SignedHeader'/,
  )
})

it.each(illegal)('node refuses $name before anything is verified', async (vector) => {
  await expect(parser.parse(wire(vector))).rejects.toThrow('refused by the parser: HTTP/1.1 400')
})

describe('a canonical request', () => {
  const post = (target: string, headers: Header[] = [], body = ''): Unsigned => ({
    method: 'POST',
    target,
    headers: [['Host', 'localhost'], ...headers],
    body,
  })
  const canonicalOf = async (request: Unsigned, names = ['host']) =>
    canonicalText(await parser.parse(request), names)

  it('has no form where a signed header is not in the request', async () => {
    expect(await canonicalOf(post('/'), ['host', 'x-amz-date'])).toBeUndefined()
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'does not take the inherited property %s for a header',
    async (name) => {
      expect(await canonicalOf(post('/'), ['host', name])).toBeUndefined()
      const repeated: Header[] = [
        ['A', '1'],
        ['A', '2'],
      ]
      expect(await canonicalOf(post('/', repeated), ['host', name])).toBeUndefined()
    },
  )

  it('tells apart method, path, query, header values, header names and body', async () => {
    const forms = [
      await canonicalOf(post('/')),
      await canonicalOf({ ...post('/'), method: 'PUT' }),
      await canonicalOf(post('/a')),
      await canonicalOf(post('/a/')),
      await canonicalOf(post('/?a')),
      await canonicalOf(post('/?a=b')),
      await canonicalOf(post('/?b=a')),
      await canonicalOf(post('/', [], 'body')),
      await canonicalOf(post('/', [['A', '1']]), ['a', 'host']),
      await canonicalOf(post('/', [['A', '2']]), ['a', 'host']),
      await canonicalOf(post('/', [['B', '1']]), ['b', 'host']),
    ]
    expect(forms).not.toContain(undefined)
    expect(new Set(forms).size).toBe(forms.length)
  })

  it.each([
    ['/?a-b=1&a=2', '/?a=2&a-b=1'],
    ['/?a=2&a=1', '/?a=1&a=2'],
    ['/?a', '/?a='],
    ['/?%41=%7e', '/?A=~'],
    ['/?a=%', '/?a=%25'],
    ['/?a=%2', '/?a=%252'],
    ['/?a=%zz', '/?a=%25zz'],
    ['/?&a=1&&', '/?a=1'],
    ['/?a=b=c', '/?a=b%3Dc'],
    ['/a/./b//c/../d', '/a/b/d'],
    ['/../../a', '/a'],
  ])('has the same form for %s and %s', async (left, right) => {
    expect(await canonicalOf(post(left))).toBe(await canonicalOf(post(right)))
  })

  it('joins repeated headers by commas, in the order in which they came', async () => {
    const [one, two]: Header[] = [
      ['A', '1'],
      ['A', '2'],
    ] as Header[]
    const names = ['a', 'host']
    const joined = await canonicalOf(post('/', [['A', '1,2']]), names)
    expect(await canonicalOf(post('/', [one as Header, two as Header]), names)).toBe(joined)
    expect(await canonicalOf(post('/', [two as Header, one as Header]), names)).not.toBe(joined)
  })

  it('has header bytes beyond ASCII as they stand on the wire', async () => {
    const value = Buffer.from('grün').toString('latin1')
    const expected = `POST\n/\n\na:grün\nhost:localhost\n\na;host\n${createHash('sha256').digest('hex')}`
    expect(await canonicalOf(post('/', [['A', value]]), ['a', 'host'])).toBe(
      Buffer.from(expected).toString('latin1'),
    )
  })
})

it('a repeated header is seen, whatever the case of its letters', async () => {
  const request = await parser.parse({
    method: 'POST',
    target: '/',
    headers: [
      ['Host', 'localhost'],
      ['X-Amz-Date', '1'],
      ['x-amz-date', '2'],
      ['Once', '1'],
    ],
    body: '',
  })
  expect(hasRepeatedHeaders(request)).toBe(true)
  expect(isRepeated(request, 'x-amz-date')).toBe(true)
  expect(isRepeated(request, 'once')).toBe(false)
})
