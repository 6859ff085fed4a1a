// A signed KMS request with a body of the test's choosing, for what no SDK would send.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto'
import type { TestServer } from './test-server.ts'

export type RawAnswer = {
  readonly status: number
  readonly requestId: string
  readonly body: Record<string, unknown>
}

/** Sends the operation with these very bytes as its body. */
export async function sendSigned(
  server: TestServer,
  operation: string,
  body: string | Uint8Array,
  secret = server.credentials.secretAccessKey,
): Promise<RawAnswer> {
  const amzDate = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = `${amzDate.slice(0, 8)}/${server.regions[0]}/kms/aws4_request`
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    host: new URL(server.endpoint).host,
    'x-amz-date': amzDate,
    'x-amz-target': `TrentService.${operation}`,
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`
  const toSign = `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${sha256(canonical)}`
  const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${secret}`))
  const signature = hmac(key, toSign).toString('hex')
  const credential = `${server.credentials.accessKeyId}/${scope}`
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    },
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    requestId: response.headers.get('x-amzn-requestid') ?? '',
    body: text === '' ? {} : JSON.parse(text),
  }
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
