// What is asked of issuers, whom they are believed to be, and what they may answer.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authority, hasOpenssl } from '../../../gateway/testing/certificates.ts'
import { type OidcIssuer, oidcIssuer } from '../testing/oidc-issuer.ts'
import { type FetchKeySet, oidcClient } from './oidc-client.ts'

const CONFIGURATION = '/.well-known/openid-configuration'

let issuer: OidcIssuer
let fetchKeySet: FetchKeySet
let trusted: string[]

const thumbprintOf = (file: string) =>
  execFileSync('openssl', ['x509', '-in', file, '-noout', '-fingerprint', '-sha1'])
    .toString()
    .split('=')[1]
    ?.replaceAll(':', '')
    .trim()
    .toLowerCase() as string

const ask = (thumbprints: string[] = [], fetch = fetchKeySet, url = issuer.url) =>
  fetch({ url, thumbprints })

const problemOf = async (asked: Promise<unknown>) =>
  asked.then(
    () => 'none',
    (error: { problem?: string; message: string }) => `${error.problem}: ${error.message}`,
  )

describe.runIf(hasOpenssl)('The keys of an issuer', () => {
  beforeAll(async () => {
    issuer = await oidcIssuer()
    trusted = [readFileSync(issuer.authority.caFile, 'utf8')]
    fetchKeySet = oidcClient(() => trusted)
  })
  afterAll(() => issuer.close())

  it('are where its discovery document says, below its own path', async () => {
    expect(await ask()).toEqual(issuer.keySet())
    expect(issuer.asked).toEqual([CONFIGURATION, '/keys'])
    const url = `${issuer.url}/realms/shop`
    const path = `/realms/shop${CONFIGURATION}`
    issuer.answers.set(path, (_request, response) => {
      response.end(
        JSON.stringify({ issuer: `https://${url}`, jwks_uri: `https://${issuer.url}/keys` }),
      )
    })
    expect(await ask([], fetchKeySet, url)).toEqual(issuer.keySet())
    issuer.answers.clear()
  })

  it('are not taken from a document about another issuer, nor from a URL that is not HTTPS', async () => {
    const said = async (document: unknown) => {
      issuer.answers.set(CONFIGURATION, (_request, response) => {
        response.end(typeof document === 'string' ? document : JSON.stringify(document))
      })
      const problem = await problemOf(ask())
      issuer.answers.clear()
      return problem
    }
    const own = `https://${issuer.url}`
    const keys = `${own}/keys`
    expect(await said({ issuer: 'https://other', jwks_uri: keys })).toMatch(/^unusable: .* another/)
    expect(await said({ issuer: own, jwks_uri: keys.replace('https', 'http') })).toMatch(/jwks_uri/)
    expect(await said({ issuer: own, jwks_uri: 'file:///etc/passwd' })).toMatch(/jwks_uri/)
    expect(await said({ issuer: own })).toMatch(/jwks_uri/)
    expect(await said('{')).toBe('unusable: the answer is not JSON')
    expect(await said('[]')).toBe('unusable: the answer is not a JSON object')
    expect(issuer.asked.filter((path) => path === '/keys').length).toBe(2)
  })

  it('are not fetched from where a redirect points, nor without end', async () => {
    issuer.answers.set(CONFIGURATION, (_request, response) => {
      response.writeHead(302, { location: `https://${issuer.url}/elsewhere` }).end()
    })
    expect(await problemOf(ask())).toBe('unusable: the answer has status 302')
    expect(issuer.asked).not.toContain('/elsewhere')
    issuer.answers.set(CONFIGURATION, (_request, response) => {
      response.write('{"issuer":"')
      const more = () => {
        if (response.destroyed) return
        response.write('x'.repeat(65_536))
        setImmediate(more)
      }
      more()
    })
    expect(await problemOf(ask())).toBe('unusable: the answer is longer than 262144 bytes')
    issuer.answers.set(CONFIGURATION, (_request, response) => {
      response.writeHead(503).end()
    })
    expect(await problemOf(ask())).toBe('unreachable: the answer has status 503')
    issuer.answers.set(CONFIGURATION, (request) => request.socket.destroy())
    expect(await problemOf(ask())).toMatch(/^unreachable: /)
    issuer.answers.clear()
  })

  it('cannot be had of nobody, or of somebody who does not speak TLS', async () => {
    const dumb = createServer((socket) => socket.resume().end('hello\n'))
    await new Promise<void>((resolve) => dumb.listen(0, '127.0.0.1', resolve))
    const { port } = dumb.address() as { port: number }
    expect(await problemOf(ask([], fetchKeySet, `127.0.0.1:${port}`))).toMatch(/^unreachable: /)
    await new Promise((resolve) => dumb.close(resolve))
    expect(await problemOf(ask([], fetchKeySet, `127.0.0.1:${port}`))).toMatch(
      /^unreachable: ECONN/,
    )
  })

  it('are believed without an authority only by the thumbprint of a certificate that it has', async () => {
    const strangers = oidcClient(() => [])
    const issued = issuer.authority.issue('leaf')
    issuer.show(issued)
    const before = issuer.asked.length
    expect(await problemOf(ask([], strangers))).toMatch(/^untrusted: .* no thumbprint/)
    expect(await problemOf(ask(['0'.repeat(40)], strangers))).toMatch(/^untrusted: /)
    // Nothing was asked of somebody who is not trusted.
    expect(issuer.asked.length).toBe(before)
    expect(await ask([thumbprintOf(issued.certFile)], strangers)).toEqual(issuer.keySet())
  })

  it('are not believed of who only shows the certificate of another beside its own', async () => {
    const directory = dirname(issuer.authority.caFile)
    const evil = authority(directory, 'evil').issue('evil')
    const chained = { certFile: `${evil.certFile}.chain`, keyFile: evil.keyFile }
    execFileSync('sh', [
      '-c',
      `cat ${evil.certFile} ${issuer.authority.caFile} > ${chained.certFile}`,
    ])
    issuer.show(chained)
    const thumbprints = [thumbprintOf(issuer.authority.caFile)]
    expect(
      await problemOf(
        ask(
          thumbprints,
          oidcClient(() => []),
        ),
      ),
    ).toMatch(/^untrusted: /)
    expect(await problemOf(ask([], fetchKeySet))).toMatch(/^untrusted: /)
  })

  it('are not believed of who has a certificate for another name, whatever its thumbprint', async () => {
    const named = issuer.authority.issue('named')
    issuer.show(named)
    const url = issuer.url.replace('127.0.0.1', 'localhost')
    expect(await problemOf(ask([], fetchKeySet, url))).toMatch(/^untrusted: .*ALTNAME/)
    expect(
      await problemOf(
        ask(
          [thumbprintOf(named.certFile)],
          oidcClient(() => []),
          url,
        ),
      ),
    ).toMatch(/^untrusted: /)
  })
})
