// Requests signed in advance, byte for byte as an AWS SDK for JavaScript sends them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac, randomUUID } from 'node:crypto'

export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  /** Of temporary credentials. */
  readonly sessionToken?: string
}

const SIGNED_HEADERS = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'content-length',
  'content-type',
  'host',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
  'x-amz-user-agent',
]

/** The bytes of one HTTP request for a KMS operation, its signature valid for five minutes. */
export function signedRequest(
  { accessKeyId, secretAccessKey, region, sessionToken }: Credentials,
  operation: string,
  input: object,
): Buffer {
  const body = JSON.stringify(input)
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const date = timestamp.slice(0, 8)
  const scope = `${date}/${region}/kms/aws4_request`
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `TrentService.${operation}`,
    'content-length': String(Buffer.byteLength(body)),
    'x-amz-user-agent': 'aws-sdk-js/3.1162.0',
    'user-agent':
      'aws-sdk-js/3.1162.0 ua/2.1 os/linux#6.1.0 lang/js md/nodejs#24.21.0 api/kms#3.1162.0 m/N,E,e',
    host: '127.0.0.1:8480',
    'amz-sdk-invocation-id': randomUUID(),
    'amz-sdk-request': 'attempt=1; max=3',
    'x-amz-date': timestamp,
    'x-amz-content-sha256': sha256(body),
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const names = SIGNED_HEADERS.filter((name) => name in headers)
  const signed = names.join(';')
  const lines = names.map((name) => `${name}:${headers[name]}\n`)
  const canonical = `POST\n/\n\n${lines.join('')}\n${signed}\n${sha256(body)}`
  const key = [date, region, 'kms', 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  )
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`)
    .digest('hex')
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  headers.Connection = 'keep-alive'
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST / HTTP/1.1\r\n${head.join('')}\r\n${body}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
