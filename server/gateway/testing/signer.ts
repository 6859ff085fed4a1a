// Signs requests as a client does, with code of its own: the server's own would agree with its own errors.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto'

export type Header = readonly [name: string, value: string]

export type Unsigned = {
  readonly method: string
  /** Path and query as they stand on the wire; already canonical. */
  readonly target: string
  readonly headers: readonly Header[]
  readonly body: string | Uint8Array
}

export type Signer = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly service: string
  readonly atMs: number
  /** All headers where it is not said. */
  readonly signedHeaders?: readonly string[]
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The headers with X-Amz-Date and Authorization. */
export function signed(request: Unsigned, signer: Signer): Header[] {
  const date = amzDate(signer.atMs)
  const headers: Header[] = [...request.headers, ['X-Amz-Date', date]]
  return [...headers, ['Authorization', authorization({ ...request, headers }, signer)]]
}

/** The request with its signature in the query string, where `extra` parameters stand as well. */
export function presigned(
  request: Unsigned,
  signer: Signer,
  extra: Readonly<Record<string, string>> = {},
): Unsigned {
  const date = amzDate(signer.atMs)
  const names = (
    signer.signedHeaders ?? request.headers.map(([name]) => name.toLowerCase())
  ).toSorted()
  const scope = `${date.slice(0, 8)}/${signer.region}/${signer.service}/aws4_request`
  const [path = '', query = ''] = request.target.split('?')
  const pairs = [
    ...query.split('&').filter((pair) => pair !== ''),
    ...Object.entries({
      'X-Amz-Algorithm': ALGORITHM,
      'X-Amz-Credential': `${signer.accessKeyId}/${scope}`,
      'X-Amz-Date': date,
      ...extra,
      'X-Amz-SignedHeaders': names.join(';'),
    }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`),
  ].sort()
  const target = `${path}?${pairs.join('&')}`
  const signature = signatureOf({ ...request, target }, { ...signer, signedHeaders: names })
  return { ...request, target: `${target}&X-Amz-Signature=${signature}` }
}

/** The value of the Authorization header; the headers have X-Amz-Date already. */
export function authorization(request: Unsigned, signer: Signer): string {
  const names = signer.signedHeaders ?? request.headers.map(([name]) => name.toLowerCase())
  const signedHeaders = [...new Set(names)].sort()
  const date = amzDate(signer.atMs).slice(0, 8)
  const scope = `${date}/${signer.region}/${signer.service}/aws4_request`
  const signature = signatureOf(request, { ...signer, signedHeaders })
  return `${ALGORITHM} Credential=${signer.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
}

function signatureOf(
  request: Unsigned,
  signer: Signer & { readonly signedHeaders: readonly string[] },
): string {
  const values = new Map<string, string[]>()
  for (const [name, value] of request.headers) {
    const entry = values.get(name.toLowerCase()) ?? []
    values.set(name.toLowerCase(), [...entry, value.trim().replaceAll(/ +/g, ' ')])
  }
  const names = signer.signedHeaders
  const [path = '', query = ''] = request.target.split('?')
  const canonical = [
    request.method,
    path,
    query,
    ...names.map((name) => `${name}:${(values.get(name) ?? []).join(',')}`),
    '',
    names.join(';'),
    sha256(request.body),
  ].join('\n')
  const date = amzDate(signer.atMs)
  const scope = `${date.slice(0, 8)}/${signer.region}/${signer.service}/aws4_request`
  const text = `${ALGORITHM}\n${date}\n${scope}\n${sha256(Buffer.from(canonical, 'latin1'))}`
  const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${signer.secretAccessKey}`))
  return hmac(key, text).toString('hex')
}

/** YYYYMMDD'T'HHMMSS'Z'. */
export function amzDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
