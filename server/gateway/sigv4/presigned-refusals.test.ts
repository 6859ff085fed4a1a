// Presigned requests that are refused, in AWS's words: changed, incomplete, twice signed, spoiled.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AwsError } from '../../contract/errors.ts'
import {
  type Edit,
  GET,
  inTarget,
  presignedVerification,
  STS_SIGNER,
} from '../testing/presigned-requests.ts'
import {
  amzDate,
  authorization as authorizationHeader,
  type Header,
  type Signer,
  type Unsigned,
} from '../testing/signer.ts'
import { MISMATCH, NOW_MS } from '../testing/verification.ts'
import { readForm } from '../wire/form.ts'

const presigning = presignedVerification()
const { sent, verify, refusal } = presigning

describe('a presigned request', () => {
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
    const request = await presigning.rig.parse({ ...GET, target: '/?X-Amz-Algorithm=&Action=a' })
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
