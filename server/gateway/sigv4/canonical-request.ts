// The canonical form of a request: what its sender signed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import type { IncomingHttpHeaders } from 'node:http'

export type SignedRequest = {
  readonly method: string
  /** The request target as it stands on the wire: path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Names and values as they came, repetitions included. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/**
 * The canonical request up to the hash of its body, which ends it; nothing where a signed header is not
 * there. Its characters are the bytes that were signed: node reads header bytes as Latin-1.
 */
export function canonicalHead(
  request: SignedRequest,
  signedHeaders: readonly string[],
  signedHeadersText: string,
  hasRepeated: boolean = hasRepeatedHeaders(request),
): string | undefined {
  const queryAt = request.url.indexOf('?')
  const path = queryAt === -1 ? request.url : request.url.slice(0, queryAt)
  const query = queryAt === -1 ? '' : canonicalQuery(request.url.slice(queryAt + 1))
  let text = `${request.method}\n${canonicalPath(path)}\n${query}\n`
  const joined = hasRepeated ? joinedHeaders(request) : undefined
  for (const name of signedHeaders) {
    const value = joined === undefined ? onlyHeader(request, name) : joined.get(name)
    if (value === undefined) return undefined
    text += `${name}:${value}\n`
  }
  return `${text}\n${signedHeadersText}\n`
}

/** Whether the header stands in the request more than once. */
export function isRepeated(request: SignedRequest, name: string): boolean {
  let count = 0
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at]?.toLowerCase() === name) count++
  }
  return count > 1
}

/** The names of the headers as they came: what is found of names alone holds for the same names. */
export function headerNames({ rawHeaders }: SignedRequest): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 0)
}

/** Whether the request has headers of exactly these names, in this order. */
export function hasHeaderNames({ rawHeaders }: SignedRequest, names: readonly string[]): boolean {
  if (rawHeaders.length !== names.length * 2) return false
  for (let index = 0; index < names.length; index++) {
    if (rawHeaders[index * 2] !== names[index]) return false
  }
  return true
}

/** Whether any header stands in the request more than once: node has one entry per name. */
export function hasRepeatedHeaders(request: SignedRequest): boolean {
  let names = 0
  for (const _ in request.headers) names++
  return request.rawHeaders.length !== names * 2
}

const SPACES = / {2,}|^ | $/

function onlyHeader({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? trimmed(value) : undefined
}

/** Repeated headers count as one, the values in the order in which they came. */
function joinedHeaders(request: SignedRequest): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] as string).toLowerCase()
    const value = trimmed(request.rawHeaders[at + 1] as string)
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return values
}

function trimmed(value: string): string {
  return SPACES.test(value) ? value.trim().replace(/ {2,}/g, ' ') : value
}

function canonicalPath(path: string): string {
  if (path === '/' || path === '') return '/'
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(encoded(segment))
  }
  const end = segments.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : ''
  return `/${segments.join('/')}${end}`
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    })
    .map(([name, value]) => [normalized(name as string), normalized(value as string)] as const)
  // By name, then by value: as one text `a-b=` would come before `a=`.
  pairs.sort((left, right) => order(left[0], right[0]) || order(left[1], right[1]))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** A query part decoded where it was encoded and encoded again in the one canonical way. */
function normalized(part: string): string {
  const bytes: number[] = []
  const text = Buffer.from(part, 'latin1')
  for (let at = 0; at < text.length; at++) {
    const hex = text[at] === 0x25 ? text.toString('latin1', at + 1, at + 3) : ''
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      at += 2
    } else {
      bytes.push(text[at] as number)
    }
  }
  return encodeBytes(Buffer.from(bytes))
}

function encoded(text: string): string {
  return encodeBytes(Buffer.from(text, 'latin1'))
}

function encodeBytes(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += /[A-Za-z0-9_.~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
