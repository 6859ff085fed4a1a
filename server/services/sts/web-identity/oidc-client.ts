// Asks an OpenID Connect issuer for its keys: discovery document, then key set; HTTPS alone, no redirects.
// OpenID Connect Discovery 1.0 §4; RFC 7517 §5. Trust as AWS has it: authorities, else thumbprints.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
import { request } from 'node:https'
import { connect, type DetailedPeerCertificate } from 'node:tls'

/** Why there are no keys: nobody answered; somebody who is not trusted did; the answer is of no use. */
export type IssuerProblem = 'unreachable' | 'untrusted' | 'unusable'

export class IssuerError extends Error {
  readonly problem: IssuerProblem
  constructor(problem: IssuerProblem, message: string) {
    super(message)
    this.problem = problem
  }
}

/** An issuer that an account has registered: nobody else is ever asked. */
export type Issuer = {
  /** Without `https://`. */
  readonly url: string
  readonly thumbprints: readonly string[]
}

export type KeySet = { readonly keys: readonly object[] }

/** Fetches the issuer's keys; throws IssuerError. */
export type FetchKeySet = (issuer: Issuer) => Promise<KeySet>

const DEADLINE_MS = 5000
const MAX_ANSWER_BYTES = 256 * 1024
/** The longest chain that is looked through for a thumbprint. */
const MAX_CHAIN = 10
/** The chain does not end in an authority that we know. Whatever else is wrong, no thumbprint excuses. */
const NO_AUTHORITY: ReadonlySet<string | undefined> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** `authorities` are certificates, PEM. */
export function oidcClient(authorities: () => readonly string[]): FetchKeySet {
  return async ({ url, thumbprints }) => {
    const deadline = AbortSignal.timeout(DEADLINE_MS)
    const getObject = (text: string) => getTrusted(text, thumbprints, deadline)
    const document = await getObject(
      `https://${url.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )
    // Discovery §4.3: a document about another issuer is not this issuer's.
    if (document.issuer !== `https://${url}`) {
      throw new IssuerError('unusable', 'the discovery document is about another issuer')
    }
    const { jwks_uri: keysUrl } = document
    // The key set may be on another host: the issuer itself says where, over a connection we trust.
    if (typeof keysUrl !== 'string' || !keysUrl.startsWith('https://')) {
      throw new IssuerError(
        'unusable',
        'the discovery document has no jwks_uri that begins with https://',
      )
    }
    const { keys } = await getObject(keysUrl)
    if (!Array.isArray(keys) || !keys.every(isObject)) {
      throw new IssuerError('unusable', 'the key set has no list of keys')
    }
    return { keys }
  }

  async function getTrusted(text: string, thumbprints: readonly string[], deadline: AbortSignal) {
    const url = readUrl(text)
    try {
      return await getJson(url, { ca: [...authorities()] }, deadline)
    } catch (error) {
      if (!(error instanceof UnknownAuthority)) throw error
      const pinned = await pinnedCertificates(url, thumbprints, deadline)
      if (pinned.length === 0) throw untrusted('no authority and no thumbprint vouches for it')
      return getJson(url, { ca: pinned, allowPartialTrustChain: true }, deadline)
    }
  }
}

type Trust = { readonly ca: string[]; readonly allowPartialTrustChain?: boolean }

/** The one failure after which thumbprints are asked. */
class UnknownAuthority extends IssuerError {}

function getJson(url: URL, trust: Trust, signal: AbortSignal): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', 'user-agent': 'keyhold' }
    // Without an agent: no connection outlives its request, and none is shared between trusts.
    const asked = request(url, { ...trust, agent: false, signal, headers }, (response) => {
      if (response.statusCode !== 200) {
        const isTheirs = (response.statusCode ?? 0) >= 500
        asked.destroy(
          new IssuerError(
            isTheirs ? 'unreachable' : 'unusable',
            `the answer has status ${response.statusCode}`,
          ),
        )
        return
      }
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) {
          asked.destroy(
            new IssuerError('unusable', `the answer is longer than ${MAX_ANSWER_BYTES} bytes`),
          )
        } else chunks.push(chunk)
      })
      response.on('error', (error) => reject(problemOf(error)))
      response.on('end', () => {
        try {
          resolve(readObject(Buffer.concat(chunks).toString()))
        } catch (error) {
          reject(error)
        }
      })
    })
    asked.on('error', (error) => reject(problemOf(error)))
    asked.end()
  })
}

/**
 * The certificates with these thumbprints among those that the server presents. Nothing is asked on this
 * connection: the next one has to prove that it is theirs, for a thumbprint alone is no secret.
 */
function pinnedCertificates(
  url: URL,
  thumbprints: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port || 443)
    const servername = /[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}
    const socket = connect({ host, port, ...servername, rejectUnauthorized: false })
    const give = () => socket.destroy(new IssuerError('unreachable', 'no answer in time'))
    signal.addEventListener('abort', give, { once: true })
    socket.on('error', (error) => reject(problemOf(error)))
    socket.on('close', () => signal.removeEventListener('abort', give))
    socket.on('secureConnect', () => {
      const presented = chainOf(socket.getPeerCertificate(true))
      socket.destroy()
      resolve(
        presented
          .filter(({ fingerprint }) =>
            thumbprints.includes(fingerprint.replaceAll(':', '').toLowerCase()),
          )
          .map(({ raw }) => pem(raw)),
      )
    })
  })
}

function chainOf(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  for (let at: DetailedPeerCertificate | undefined = leaf; at?.raw; at = at.issuerCertificate) {
    // The last one is its own issuer.
    if (chain.length === MAX_CHAIN || chain.includes(at)) break
    chain.push(at)
  }
  return chain
}

function pem(raw: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`
}

function readUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || url.protocol !== 'https:') {
    throw new IssuerError('unusable', 'the URL is not one of HTTPS')
  }
  return url
}

function readObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new IssuerError('unusable', 'the answer is not JSON')
  }
  if (!isObject(value)) throw new IssuerError('unusable', 'the answer is not a JSON object')
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function untrusted(why: string): IssuerError {
  return new IssuerError('untrusted', `its certificate is not trusted: ${why}`)
}

function problemOf(error: Error & { code?: string }): IssuerError {
  if (error instanceof IssuerError) return error
  const { code } = error
  if (NO_AUTHORITY.has(code)) return new UnknownAuthority('untrusted', error.message)
  // Names that do not match, dates, purposes: OpenSSL's words for what is wrong with a certificate.
  if (
    code?.startsWith('CERT_') ||
    code === 'ERR_TLS_CERT_ALTNAME_INVALID' ||
    code === 'INVALID_CA'
  ) {
    return untrusted(code)
  }
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return new IssuerError('unreachable', 'no answer in time')
  }
  return new IssuerError('unreachable', code ?? error.message)
}
