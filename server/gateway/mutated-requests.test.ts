// Ten thousand spoiled requests at a running server: each is answered or its connection closed, nothing
// fails inside, nothing leaks, and afterwards the server answers and its trail verifies.
import { join } from 'node:path'
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { verifyWholeTrail } from '../services/cloudtrail/service.ts'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { edited, type Mutation, mutation, TARGETS, TYPES, withMember } from './testing/mutations.ts'
import { requestBytes } from './testing/parsed-requests.ts'
import { type RawAnswer, type RawConnection, rawConnection } from './testing/raw-connection.ts'
import { kmsRequest, signedBytes, signerOf, stsRequest } from './testing/raw-requests.ts'
import { signed, type Unsigned } from './testing/signer.ts'

const BATCHES = 100
const BATCH = 100
const CONNECTIONS = 10
/** So long may a request be silent whose framing is spoiled, before its sender ends the connection. */
const SILENCE_MS = 100
const BOUND_MS = 5000
const PLAINTEXT = Buffer.from('a plaintext that nobody but its owner may see')

const LEAKS =
  /\bat (?:async |new )?[\w.<>]+ \(|node:|file:\/\/|node_modules|\/server\/|\/work\/|\/home\/|\.[cm]?[jt]s\b|SELECT |INSERT |UPDATE |sqlite|kysely|constraint failed|TypeError|RangeError|SyntaxError|ReferenceError|at Object|\[object |undefined|in JSON at|Unexpected token/i

let server: TestServer
let bases: Unsigned[]
let blobBase: { operation: string; blob: Buffer }

beforeAll(async () => {
  server = await testServer()
  const kms = server.kms()
  const { KeyMetadata } = await kms.send(new CreateKeyCommand())
  const KeyId = KeyMetadata?.KeyId as string
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: PLAINTEXT, EncryptionContext: { a: 'b' } }),
  )
  const blob = Buffer.from(CiphertextBlob as Uint8Array)
  blobBase = { operation: 'Decrypt', blob }
  const Plaintext = PLAINTEXT.toString('base64')
  const EncryptionContext = { a: 'b' }
  const inputs: [string, object][] = [
    ['Encrypt', { KeyId, Plaintext, EncryptionContext }],
    ['Decrypt', { CiphertextBlob: blob.toString('base64'), EncryptionContext }],
    ['GenerateDataKey', { KeyId, KeySpec: 'AES_256', EncryptionContext }],
    ['GenerateRandom', { NumberOfBytes: 32 }],
    ['DescribeKey', { KeyId }],
    ['ListKeys', { Limit: 2 }],
    ['EnableKey', { KeyId }],
    ['CreateKey', { Description: 'x', Tags: [] }],
  ]
  bases = inputs.map(([name, input]) => kmsRequest(server, name, JSON.stringify(input)))
})
afterAll(() => server.close())

/** The bytes to send, and whether they are one whole request. */
function spoiled({ kind, base, edits, member, value, text }: Mutation): {
  bytes: Buffer
  whole: boolean
} {
  const request = bases[base % bases.length] as Unsigned
  const body = Buffer.from(request.body)
  const sign = (changed: Unsigned, service: 'kms' | 'sts' = 'kms') => ({
    bytes: signedBytes(server, changed, signerOf(server, service)),
    whole: true,
  })
  const header = (name: string, to: string) => ({
    ...request,
    headers: request.headers.map(([given, old]) => [given, given === name ? to : old] as const),
  })
  switch (kind) {
    case 'untouched':
      return sign(request)
    case 'text':
      return sign({ ...request, body: edited(body, edits) })
    case 'value':
      return sign({ ...request, body: withMember(body.toString(), member, value) })
    case 'blob': {
      const blob = edited(blobBase.blob, edits).toString('base64')
      return sign(
        kmsRequest(server, blobBase.operation, withMember('{}', 'CiphertextBlob', `"${blob}"`)),
      )
    }
    case 'target':
      return sign(header('X-Amz-Target', oneOf(TARGETS, base, text)))
    case 'type':
      return sign(header('Content-Type', oneOf(TYPES, base, text)))
    case 'noise':
      return sign({ ...request, body: Buffer.from(edits.map(({ byte }) => byte)) })
    case 'form': {
      const form = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15')
      return sign(stsRequest(server, base % 4 === 0 ? form : edited(form, edits)), 'sts')
    }
    case 'signature': {
      const headers = signed(request, signerOf(server)).map(([name, old]) => {
        if (name !== 'Authorization') return [name, old] as const
        return [name, printable(edited(Buffer.from(old), edits))] as const
      })
      return { bytes: requestBytes({ ...request, headers }), whole: true }
    }
    case 'wire':
      return { bytes: edited(sign(request).bytes, edits), whole: false }
    case 'cut': {
      const { bytes } = sign(request)
      return { bytes: bytes.subarray(0, 1 + (base % bytes.length)), whole: false }
    }
  }
}

function oneOf(values: readonly string[], base: number, text: string): string {
  return printable(Buffer.from(base % 2 === 0 ? (values[base % values.length] as string) : text))
}

/** Without what no header can hold, so that the request stays one. */
function printable(bytes: Buffer): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly what no header can hold.
  return bytes.toString('latin1').replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, '?')
}

const seen = { requests: 0, answers: new Map<string, number>(), ids: new Set<string>() }

function inspect(bytes: Buffer, answer: Exclude<RawAnswer, string>): void {
  const text = `${Object.values(answer.headers).join('\n')}\n${answer.body}`
  expect(answer.status, text).toBeLessThan(500)
  const leak = LEAKS.exec(text)?.[0]
  if (leak !== undefined) expect(bytes.toString('latin1'), `leak in ${text}`).toContain(leak)
  const id = answer.headers['x-amzn-requestid']
  if (answer.status === 200 && id !== undefined) seen.ids.add(id)
  const type = /"__type":"(\w+)"|<Code>(\w+)/.exec(answer.body)
  const name = `${answer.status} ${type?.[1] ?? type?.[2] ?? ''}`
  seen.answers.set(name, (seen.answers.get(name) ?? 0) + 1)
}

/** Sends whole requests one after the other on a connection that is kept. */
async function sendWhole(requests: readonly Buffer[]): Promise<void> {
  let connection: RawConnection | undefined
  for (const bytes of requests) {
    connection ??= await rawConnection(server.endpoint)
    connection.send(bytes)
    const answer = await connection.next({ timeoutMs: BOUND_MS })
    if (typeof answer === 'string') expect.fail(`${answer} after ${bytes.toString('latin1')}`)
    inspect(bytes, answer)
    if (answer.headers.connection === 'close' || connection.isClosed()) {
      connection.close()
      connection = undefined
    }
  }
  connection?.close()
}

/** Sends what may be no request at all, on a connection of its own. */
async function sendBroken(bytes: Buffer): Promise<void> {
  const connection = await rawConnection(server.endpoint)
  connection.send(bytes)
  let answer = await connection.next({ timeoutMs: SILENCE_MS })
  // What is left after a first answer may be the beginning of something: end it, then all must close.
  connection.socket.end()
  while (answer !== 'closed') {
    if (answer !== 'silent') inspect(bytes, answer)
    answer = await connection.next({ timeoutMs: BOUND_MS })
    if (answer === 'silent') expect.fail(`a hung connection after ${bytes.toString('latin1')}`)
  }
  connection.close()
}

it('no spoiled request is answered with a failure, a leak or silence', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutation, { minLength: BATCH, maxLength: BATCH, size: 'max' }),
      async (mutations) => {
        const requests = mutations.map(spoiled)
        seen.requests += requests.length
        const whole = requests.filter((request) => request.whole).map(({ bytes }) => bytes)
        const lanes = Array.from({ length: CONNECTIONS }, (_, lane) =>
          sendWhole(whole.filter((_bytes, at) => at % CONNECTIONS === lane)),
        )
        const broken = requests
          .filter((request) => !request.whole)
          .map(({ bytes }) => sendBroken(bytes))
        await Promise.all([...lanes, ...broken])
      },
    ),
    {
      numRuns: BATCHES,
      endOnFailure: true,
      // The batch itself would be pages long: seed and path repeat it, and the cause names the request.
      reporter: ({ failed, seed, counterexamplePath, errorInstance }) => {
        if (!failed) return
        throw new Error(`seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance })
      },
    },
  )
  expect(seen.requests).toBeGreaterThanOrEqual(BATCHES * BATCH)
}, 180_000)

it('the spoiled requests reached everything that they were to reach', () => {
  for (const name of [
    '200 ',
    '400 ',
    '400 ValidationException',
    '400 SerializationException',
    '400 InvalidCiphertextException',
    '400 NotFoundException',
    '400 InvalidSignatureException',
    '400 IncompleteSignatureException',
    '400 UnrecognizedClientException',
    '400 UnknownOperationException',
    '400 InvalidAction',
  ]) {
    expect(seen.answers.get(name) ?? 0, `${name} of ${[...seen.answers]}`).toBeGreaterThan(0)
  }
})

it('nothing failed inside: no error stands in the log', () => {
  const failures = server.logged.filter(
    (line) => (JSON.parse(line) as { level: number }).level >= 50,
  )
  expect(failures).toEqual([])
})

it('the server still answers', async () => {
  const kms = server.kms()
  const { KeyMetadata } = await kms.send(new CreateKeyCommand())
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: PLAINTEXT }),
  )
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(Plaintext ?? [])).toEqual(PLAINTEXT)
})

it('the trail verifies, names every answered call, and shows no plaintext', async () => {
  const rootKey = readRootKeyFile(join(server.directory, 'root.key'))
  const recorded = new Set<string>()
  const records: string[] = []
  const { valid, problems } = await verifyWholeTrail(
    { storage: server.storage, rootKey },
    server.directory,
    {
      checkpoint: [],
      onRecord: (record) => {
        records.push(record)
        recorded.add((JSON.parse(record) as { requestID: string }).requestID)
      },
    },
  )
  expect({ valid, problems }).toEqual({ valid: true, problems: [] })
  expect([...seen.ids].filter((id) => !recorded.has(id))).toEqual([])
  const text = records.join('\n')
  expect(text).not.toContain(PLAINTEXT.toString('base64'))
  expect(text).not.toContain(server.credentials.secretAccessKey)
})
