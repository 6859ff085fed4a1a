// STS on the wire: AWS Query in a form, in a query string, presigned; and its answers in XML.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { answerTo, required, signedBytes, signerOf, stsRequest } from './testing/raw-requests.ts'
import { type Header, presigned, type Unsigned } from './testing/signer.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

describe('STS', () => {
  const ask = async (form: string) =>
    required(
      await answerTo(
        server,
        signedBytes(server, stsRequest(server, form), signerOf(server, 'sts')),
      ),
    )

  it('answers who signed, in XML', async () => {
    const answer = await ask('Action=GetCallerIdentity&Version=2011-06-15')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/xml')
    expect(answer.body).toContain('<Arn>arn:aws:iam::111122223333:root</Arn>')
    expect(answer.body).toContain(`<RequestId>${answer.headers['x-amzn-requestid']}</RequestId>`)
  })

  it.each([
    ['', 'MissingAction', 'The request is missing an action or a required parameter.'],
    ['Action=&Version=2011-06-15', 'MissingAction', 'The request is missing an action'],
    ['action=GetCallerIdentity&Version=2011-06-15', 'MissingAction', 'missing an action'],
    [
      'Action=GetCallerIdentities&Version=2011-06-15',
      'InvalidAction',
      'Could not find operation GetCallerIdentities for version 2011-06-15',
    ],
    [
      'Action=GetCallerIdentity&Version=2010-05-08',
      'InvalidAction',
      'Could not find operation GetCallerIdentity for version 2010-05-08',
    ],
    [
      'Action=GetCallerIdentity',
      'InvalidAction',
      'Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED',
    ],
    ['Action=%3Ca%3E', 'InvalidAction', 'Could not find operation &lt;a&gt; for version'],
    ['Action=%zz', 'MalformedInput', 'The request is not a form in UTF-8.'],
  ])('has no operation for the form %j', async (form, code, message) => {
    const answer = await ask(form)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(`<Type>Sender</Type><Code>${code}</Code>`)
    expect(answer.body).toContain(message)
    expect(answer.body).toContain('xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"')
  })

  it.each(['Action=GetCallerIdentity&', ''])(
    'refuses a form that names its action twice, wherever: %j',
    async (before) => {
      const answer = await ask(`Version=2011-06-15&Action=GetCallerIdentity&${before}Action=x`)
      expect(answer.status).toBe(400)
      expect(answer.body).toContain('<Message>Action is given more than once.</Message>')
    },
  )

  const GET_IDENTITY = '/?Action=GetCallerIdentity&Version=2011-06-15'
  const asked = async (request: Partial<Unsigned>) => {
    const headers: Header[] = [['Host', new URL(server.endpoint).host]]
    const whole = { method: 'GET', target: GET_IDENTITY, headers, body: '', ...request }
    return required(await answerTo(server, signedBytes(server, whole, signerOf(server, 'sts'))))
  }

  it('answers a GET whose parameters stand in the query string', async () => {
    const answer = await asked({})
    expect(answer.body).toContain('<Arn>arn:aws:iam::111122223333:root</Arn>')
    expect(answer.status).toBe(200)
  })

  it('answers a POST with parameters in the query string and in the body', async () => {
    const request = stsRequest(server, 'Version=2011-06-15')
    const target = '/?Action=GetCallerIdentity'
    expect((await asked({ ...request, target })).status).toBe(200)
    const twice = await asked({ ...request, target: GET_IDENTITY })
    expect(twice.body).toContain('<Message>Version is given more than once.</Message>')
  })

  it('answers who presigned a URL, to whoever fetches it, until it expires', async () => {
    const { host } = new URL(server.endpoint)
    const headers: Header[] = [['Host', host]]
    const request = { method: 'GET', target: GET_IDENTITY, headers, body: '' }
    const fetched = async (atMs: number, edit = (target: string) => target) => {
      const signer = { ...signerOf(server, 'sts'), atMs }
      const { target } = presigned(request, signer, { 'X-Amz-Expires': '60' })
      const answer = await fetch(`${server.endpoint}${edit(target)}`)
      return { status: answer.status, body: await answer.text() }
    }
    const good = await fetched(Date.now())
    expect(good.body).toContain('<Arn>arn:aws:iam::111122223333:root</Arn>')
    expect(good.status).toBe(200)
    const late = await fetched(Date.now() - 62_000)
    expect(late.status).toBe(403)
    expect(late.body).toContain('<Code>SignatureDoesNotMatch</Code><Message>Signature expired: ')
    const bare = await fetched(Date.now(), (target) => target.replace(/&X-Amz-Date=[^&]*/, ''))
    expect(bare.status).toBe(400)
    expect(bare.body).toContain('<Code>IncompleteSignature</Code>')
  })

  it.each(['PUT', 'DELETE', 'PATCH'])('is not reached by %s', async (method) => {
    const answer = await asked({ method })
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('<Code>InvalidAction</Code>')
  })

  it('refuses a form larger than any of its requests', async () => {
    const padding = `&Padding=${'x'.repeat(256 * 1024)}`
    const answer = await ask(`Action=GetCallerIdentity&Version=2011-06-15${padding}`)
    expect(answer.status).toBe(413)
    expect(answer.body).toContain('<Code>RequestEntityTooLargeException</Code>')
  })

  it('refuses a signature for KMS', async () => {
    const form = stsRequest(server, 'Action=GetCallerIdentity&Version=2011-06-15')
    const answer = required(
      await answerTo(server, signedBytes(server, form, signerOf(server, 'kms'))),
    )
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('<Code>SignatureDoesNotMatch</Code>')
  })
})

it('nothing secret of these forms and URLs stands in the log', () => {
  const text = server.logged.join('\n')
  expect(text).not.toContain(server.credentials.secretAccessKey)
  expect(text).not.toMatch(/Signature=[0-9a-f]{64}/)
})
