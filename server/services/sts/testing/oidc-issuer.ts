// An OpenID Connect issuer on loopback, over TLS with a certificate of an authority of the test's own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import { type Authority, authority, type Issued } from '../../../gateway/testing/certificates.ts'

export const AUDIENCE = 'sts.amazonaws.com'
export const SUBJECT = 'system:serviceaccount:shop:checkout'

export type OidcIssuer = {
  /** Without `https://`. */
  readonly url: string
  readonly authority: Authority
  /** Paths that were asked for, oldest first. */
  readonly asked: string[]
  /** What to answer to a path instead. */
  readonly answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>
  /** Replaces the key by a new one of this algorithm; answers its key id. */
  rotate(algorithm?: string): Promise<string>
  /** The key set as it is now. */
  keySet(): { keys: object[] }
  /** A token with these claims besides the usual ones; undefined takes one of those out. */
  token(claims?: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>
  /** Shows this certificate from now on. */
  show(issued: Issued): void
  close(): Promise<void>
}

export async function oidcIssuer(): Promise<OidcIssuer> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-oidc-'))
  const own = authority(directory, 'oidc')
  const filesOf = ({ certFile, keyFile }: Issued) => ({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
  })
  const asked: string[] = []
  const answers: OidcIssuer['answers'] = new Map()
  const server = createServer(filesOf(own.issue('issuer')), (request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const answer = answers.get(path)
    if (answer !== undefined) return answer(request, response)
    response.setHeader('content-type', 'application/json')
    if (path.endsWith('/.well-known/openid-configuration')) {
      response.end(JSON.stringify({ issuer: `https://${url}`, jwks_uri: `https://${url}/keys` }))
    } else if (path === '/keys') {
      response.end(JSON.stringify(keySet()))
    } else {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `127.0.0.1:${(server.address() as AddressInfo).port}`
  let current: {
    kid: string
    alg: string
    privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
    jwk: object
  }
  let made = 0
  const keySet = () => ({ keys: [current.jwk] })

  async function rotate(alg = 'RS256') {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const kid = `key-${++made}`
    current = {
      kid,
      alg,
      privateKey,
      jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    }
    return kid
  }
  await rotate()

  return {
    url,
    authority: own,
    asked,
    answers,
    rotate,
    keySet,
    token(claims = {}, header = {}) {
      const seconds = Math.floor(Date.now() / 1000)
      const usual = {
        iss: `https://${url}`,
        aud: AUDIENCE,
        sub: SUBJECT,
        iat: seconds,
        exp: seconds + 600,
      }
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: current.alg, kid: current.kid, ...header })
        .sign(current.privateKey)
    },
    show: (issued) => server.setSecureContext(filesOf(issued)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
