// The gateway on the wire: what is answered to requests that no SDK sends. AWS Query: query-requests.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { requestBytes } from './testing/parsed-requests.ts'
import { rawConnection } from './testing/raw-connection.ts'
import {
  answerTo,
  kmsAnswer,
  kmsRequest,
  required,
  signedBytes,
  signerOf,
  stsRequest,
} from './testing/raw-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const UNKNOWN_OPERATION =
  '{"__type":"UnknownOperationException","message":"The requested operation is not one that this server offers."}'

const listKeys = () => kmsRequest(server, 'ListKeys', '{}')

describe('an answer', () => {
  it('has a request id of its own, its content type and its length', async () => {
    const [one, two] = [
      await kmsAnswer(server, 'ListKeys', '{}'),
      await kmsAnswer(server, 'ListKeys', '{}'),
    ]
    expect(one.status).toBe(200)
    expect(one.headers['content-type']).toBe('application/x-amz-json-1.1')
    expect(one.headers['content-length']).toBe(String(Buffer.byteLength(one.body)))
    expect(one.headers['x-amzn-requestid']).toMatch(UUID)
    expect(one.headers['x-amzn-requestid']).not.toBe(two.headers['x-amzn-requestid'])
  })

  it('that is an error has them as well, and the request id stands in the log and not in another', async () => {
    const answer = await kmsAnswer(server, 'Encrypt', '{"KeyId":5}')
    expect(answer.status).toBe(400)
    expect(answer.headers['x-amzn-requestid']).toMatch(UUID)
    expect(JSON.parse(answer.body)).toEqual({
      __type: 'SerializationException',
      message: 'Unexpected number found where a string belongs',
    })
  })
})

describe('a content type', () => {
  it.each(['application/x-amz-json-1.1; charset=utf-8', 'application/x-amz-json-1.0'])(
    'of AWS JSON is taken: %s',
    async (type) => {
      expect((await kmsAnswer(server, 'ListKeys', '{}', type)).status).toBe(200)
    },
  )

  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'x'])(
    'of anything else is no known operation: %s',
    async (type) => {
      const answer = await kmsAnswer(server, 'ListKeys', '{}', type)
      expect(answer.status).toBe(400)
      expect(answer.body).toContain(type.includes('form') ? 'InvalidAction' : 'UnknownOperation')
    },
  )

  it('that is missing is no known operation', async () => {
    const request = listKeys()
    const headers = request.headers.filter(([name]) => name !== 'Content-Type')
    const answer = required(await answerTo(server, signedBytes(server, { ...request, headers })))
    expect(answer.body).toBe(UNKNOWN_OPERATION)
  })
})

describe('an operation', () => {
  it.each(['TrentService.NoSuchThing', 'TrentService.', 'ListKeys', 'trentservice.ListKeys', ''])(
    'that nobody offers is refused: %j',
    async (target) => {
      const request = listKeys()
      const headers = request.headers.map(
        ([name, value]) => [name, name === 'X-Amz-Target' ? target : value] as const,
      )
      const answer = required(await answerTo(server, signedBytes(server, { ...request, headers })))
      expect({ status: answer.status, body: answer.body }).toEqual({
        status: 400,
        body: UNKNOWN_OPERATION,
      })
    },
  )

  it.each(['__proto__', 'constructor', 'toString'])(
    'is not found among inherited properties: %s',
    async (name) => {
      expect((await kmsAnswer(server, name, '{}')).body).toBe(UNKNOWN_OPERATION)
      const form = stsRequest(server, `Action=${name}&Version=2011-06-15`)
      const bytes = signedBytes(server, form, signerOf(server, 'sts'))
      expect(required(await answerTo(server, bytes)).body).toContain('<Code>InvalidAction</Code>')
    },
  )

  it('is not named by two headers', async () => {
    const bytes = signedBytes(server, listKeys(), signerOf(server), (headers) => [
      ...headers,
      ['X-Amz-Target', 'TrentService.Encrypt'],
    ])
    const answer = required(await answerTo(server, bytes))
    expect(answer.status).toBe(400)
    expect(answer.body).toMatch(/UnknownOperationException|may stand only once/)
  })

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])(
    'is not reached by %s',
    async (method) => {
      const request = { ...listKeys(), method }
      const answer = required(await answerTo(server, signedBytes(server, request)))
      expect({ status: answer.status, body: answer.body }).toEqual({
        status: 400,
        body: UNKNOWN_OPERATION,
      })
    },
  )

  it('is not reached by HEAD, whose answer has no body', async () => {
    const connection = await rawConnection(server.endpoint)
    const request = { ...listKeys(), method: 'HEAD', body: '' }
    connection.send(signedBytes(server, request))
    const head = required(await connection.next({ withoutBody: true }))
    expect({ status: head.status, id: head.headers['x-amzn-requestid'] }).toEqual({
      status: 400,
      id: expect.stringMatching(UUID),
    })
    // Nothing follows the head.
    expect(await connection.next()).toBe('closed')
    connection.close()
  })

  it.each(['/', '/health', '/metrics'])(
    'is not reached by GET %s without a target',
    async (path) => {
      const head = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
      const answer = required(await answerTo(server, head))
      if (path === '/') expect(answer.body).toBe(UNKNOWN_OPERATION)
      else expect(answer.status).toBe(200)
    },
  )
})

describe('without a signature', () => {
  it.each(['ListKeys', 'Encrypt', 'Decrypt', 'CreateKey', 'GenerateRandom', 'GenerateDataKey'])(
    'nobody calls %s',
    async (operation) => {
      const answer = await answerTo(server, requestBytes(kmsRequest(server, operation, '{}')))
      expect(JSON.parse(required(answer).body)).toEqual({
        __type: 'MissingAuthenticationTokenException',
        message: 'Missing Authentication Token',
      })
    },
  )

  it('nobody calls STS', async () => {
    const form = stsRequest(server, 'Action=GetCallerIdentity&Version=2011-06-15')
    const answer = required(await answerTo(server, requestBytes(form)))
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('<Code>MissingAuthenticationToken</Code>')
  })

  it('nobody learns whether a body could be read', async () => {
    const answer = await answerTo(server, requestBytes(kmsRequest(server, 'Encrypt', '{"KeyId":')))
    expect(required(answer).body).toContain('MissingAuthenticationTokenException')
  })
})

describe('a number that is no whole one', () => {
  it.each(['1.5', '-0.5', '1e-3'])('is refused as the wrong type: %s', async (value) => {
    const answer = await kmsAnswer(server, 'GenerateRandom', `{"NumberOfBytes":${value}}`)
    expect({ status: answer.status, ...JSON.parse(answer.body) }).toEqual({
      status: 400,
      __type: 'SerializationException',
      message: 'Expected an integer',
    })
  })

  it.each([
    ['0', 'Member must have value greater than or equal to 1'],
    ['-1', 'Member must have value greater than or equal to 1'],
    ['1025', 'Member must have value less than or equal to 1024'],
    ['9007199254740993', 'Member must have value less than or equal to 1024'],
  ])('and one out of range is told its range: %s', async (value, sentence) => {
    const answer = await kmsAnswer(server, 'GenerateRandom', `{"NumberOfBytes":${value}}`)
    expect(JSON.parse(answer.body).__type).toBe('ValidationException')
    expect(JSON.parse(answer.body).message).toContain(sentence)
  })
})

it('nothing secret of these requests stands in the log', () => {
  const text = server.logged.join('\n')
  expect(text).not.toContain(server.credentials.secretAccessKey)
  expect(text).not.toMatch(/Signature=[0-9a-f]{64}/)
})
