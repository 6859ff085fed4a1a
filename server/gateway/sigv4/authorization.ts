// The Authorization header of Signature Version 4, read strictly.
import { IncompleteSignatureException } from './errors.ts'

export type Authorization = {
  readonly accessKeyId: string
  /** YYYYMMDD. */
  readonly date: string
  readonly region: string
  readonly service: string
  /** date/region/service/aws4_request */
  readonly scope: string
  readonly signedHeaders: readonly string[]
  /** The same, joined by semicolons, as the sender wrote them. */
  readonly signedHeadersText: string
}

export const ALGORITHM = 'AWS4-HMAC-SHA256'
/** Hexadecimal digits of a signature, which end the header. */
export const SIGNATURE_CHARACTERS = 64
const MAX_CHARACTERS = 8192

/** Splits the header in what it says (the same for many requests) and the signature. */
export function splitAuthorization(header: string): { claim: string; signature: string } {
  return {
    claim: header.slice(0, -SIGNATURE_CHARACTERS),
    signature: header.slice(-SIGNATURE_CHARACTERS),
  }
}

/** Reads the header; throws with every missing part, as AWS words it. */
export function readAuthorization(header: string, hasDate: boolean): Authorization {
  if (header.length > MAX_CHARACTERS) {
    throw new IncompleteSignatureException('The Authorization header is too long.')
  }
  const parts = new Map<string, string>()
  for (const part of header.slice(ALGORITHM.length).split(',')) {
    const at = part.indexOf('=')
    if (at !== -1) parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim())
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parts.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`)
  if (!hasDate) {
    missing.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    )
  }
  // The header is repeated without its signature, which is nobody else's business.
  const shown = header.replace(/Signature=[^,]*/, 'Signature=…').slice(0, 512)
  if (missing.length > 0) {
    throw new IncompleteSignatureException(`${missing.join(' ')} Authorization=${shown}`)
  }
  const scope = readScope(parts.get('Credential') as string)
  if (!/^[0-9a-f]{64}$/.test(parts.get('Signature') as string)) {
    throw new IncompleteSignatureException(
      `Signature is not 64 hexadecimal digits. Authorization=${shown}`,
    )
  }
  const signedHeadersText = parts.get('SignedHeaders') as string
  return { ...scope, signedHeaders: signedHeadersText.split(';'), signedHeadersText }
}

/** Reads a credential such as `AKID/20260301/us-east-1/kms/aws4_request`. */
export function readScope(
  credential: string,
): Omit<Authorization, 'signedHeaders' | 'signedHeadersText'> {
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split('/')
  if (
    !accessKeyId ||
    !/^[0-9]{8}$/.test(date ?? '') ||
    !region ||
    !service ||
    terminator !== 'aws4_request' ||
    rest.length > 0
  ) {
    throw new IncompleteSignatureException(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    )
  }
  return {
    accessKeyId,
    date: date as string,
    region,
    service,
    scope: `${date}/${region}/${service}/${terminator}`,
  }
}
