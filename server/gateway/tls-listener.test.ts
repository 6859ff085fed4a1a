// TLS on the wire: which protocols, whose certificates, and how they are replaced.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Listener, listen } from './listener.ts'
import { authority, hasOpenssl, type Issued } from './testing/certificates.ts'

type Answer = { readonly status: number | undefined; readonly subject: string }

describe.skipIf(!hasOpenssl)('A listener with TLS', () => {
  let directory: string
  let ours: ReturnType<typeof authority>
  let strange: ReturnType<typeof authority>
  const listeners: Listener[] = []

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'keyhold-tls-'))
    ours = authority(directory, 'ours')
    strange = authority(directory, 'strange')
  })
  afterAll(async () => {
    await Promise.all(listeners.map(({ close }) => close()))
    rmSync(directory, { recursive: true })
  })

  /** A listener over copies of the files, so that they can be replaced. */
  async function serve(issued: Issued, clientCa?: string) {
    const path = (name: string) => join(directory, `${listeners.length}-${name}`)
    const tls = {
      certFile: path('cert'),
      keyFile: path('key'),
      clientCaFile: clientCa && path('client-ca'),
    }
    const put = (next: Issued, nextCa = clientCa) => {
      copyFileSync(next.certFile, tls.certFile)
      copyFileSync(next.keyFile, tls.keyFile)
      if (nextCa !== undefined && tls.clientCaFile) copyFileSync(nextCa, tls.clientCaFile)
    }
    put(issued)
    const parts = { host: '127.0.0.1', port: 0, maxConnections: 100, onDropped: () => {} }
    const listener = await listen({ ...parts, tls }, (_request, response) => response.end('ok'))
    listeners.push(listener)
    return { ...listener, tls, put }
  }

  const trusting = (options: ConnectionOptions = {}) => ({
    ca: readFileSync(ours.caFile),
    ...options,
  })
  const presenting = ({ certFile, keyFile }: Issued) =>
    trusting({ cert: readFileSync(certFile), key: readFileSync(keyFile) })

  /** One request on a new connection, or on one of the agent's. */
  function ask(port: number, options: object, agent: Agent | false = false): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, ...options }, (incoming) => {
        const { subject } = (incoming.socket as TLSSocket).getPeerCertificate()
        incoming.resume()
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode, subject: String(subject.CN) }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  }

  it('speaks TLS 1.3 and 1.2 with forward secrecy and authenticated encryption, and nothing older', async () => {
    const { port } = await serve(ours.issue('server'))
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const only = trusting({ minVersion: version, maxVersion: version })
      expect((await ask(port, only)).status).toBe(200)
    }
    for (const ciphers of [
      'ECDHE-ECDSA-AES128-SHA',
      'ECDHE-ECDSA-AES256-SHA384',
      'AES128-GCM-SHA256',
    ]) {
      const only = trusting({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` })
      await expect(ask(port, only), ciphers).rejects.toThrow()
    }
    for (const version of ['TLSv1.1', 'TLSv1'] as const) {
      const only = trusting({
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT:@SECLEVEL=0',
      })
      await expect(ask(port, only), version).rejects.toThrow()
    }
  })

  it('takes new files without dropping connections: old ones go on, new ones get the new certificate', async () => {
    const server = await serve(ours.issue('old'))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await ask(server.port, trusting(), agent)).toEqual({ status: 200, subject: 'old' })
    server.put(ours.issue('new'))
    expect((await ask(server.port, trusting())).subject).toBe('old')
    server.reloadTls()
    expect(await ask(server.port, trusting(), agent)).toEqual({ status: 200, subject: 'old' })
    expect(await ask(server.port, trusting())).toEqual({ status: 200, subject: 'new' })
    agent.destroy()
  })

  it('goes on with the old files where the new ones are broken', async () => {
    const server = await serve(ours.issue('whole'))
    writeFileSync(server.tls.certFile, 'half a certifi')
    expect(() => server.reloadTls()).toThrow(server.tls.certFile)
    server.put(ours.issue('whole'))
    copyFileSync(ours.issue('another').keyFile, server.tls.keyFile)
    expect(() => server.reloadTls()).toThrow('is not the key')
    rmSync(server.tls.keyFile)
    expect(() => server.reloadTls()).toThrow('ENOENT')
    expect(await ask(server.port, trusting())).toEqual({ status: 200, subject: 'whole' })
  })

  it('speaks no HTTP, and asks nobody for a certificate where no authority was given', async () => {
    const { port } = await serve(ours.issue('server'))
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
    expect((await ask(port, presenting(strange.issue('anybody')))).status).toBe(200)
  })

  describe('that asks for client certificates', () => {
    it('answers who presents one of the authority', async () => {
      const { port } = await serve(ours.issue('server'), ours.caFile)
      const client = ours.issue('client', { usage: 'clientAuth' })
      expect((await ask(port, presenting(client))).status).toBe(200)
      expect((await ask(port, presenting(ours.issue('any-usage')))).status).toBe(200)
    })

    it('answers nobody else', async () => {
      const { port } = await serve(ours.issue('server'), ours.caFile)
      const refused = async (options: object, what: string) => {
        for (const maxVersion of ['TLSv1.3', 'TLSv1.2']) {
          await expect(ask(port, { ...options, maxVersion }), what).rejects.toThrow()
        }
      }
      await refused(trusting(), 'no certificate')
      await refused(presenting(strange.issue('client')), 'of another authority')
      // The same name as the right authority, another key.
      const impostor = authority(mkdtempSync(join(directory, 'impostor-')), 'ours')
      await refused(presenting(impostor.issue('client')), 'of an impostor')
      await refused(presenting(ours.issue('server-only', { usage: 'serverAuth' })), 'for servers')
      await refused(presenting(ours.issue('expired', { days: -1 })), 'expired')
    })

    it('forgets sessions with a replaced authority: who was let in by the old one is refused', async () => {
      const server = await serve(ours.issue('server'), ours.caFile)
      const client = presenting(ours.issue('client'))
      for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
        server.put(ours.issue('server'), ours.caFile)
        server.reloadTls()
        const session = await sessionWith(server.port, { ...client, maxVersion })
        // It does resume as long as the authority is the same.
        expect(await isResumed(server.port, { ...client, maxVersion, session })).toBe(true)
        server.put(ours.issue('server'), strange.caFile)
        server.reloadTls()
        await expect(ask(server.port, { ...client, maxVersion, session })).rejects.toThrow()
      }
    })
  })

  /** The session of a connection on which a request was answered. */
  function sessionWith(port: number, options: ConnectionOptions): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let session: Buffer | undefined
      const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      })
      socket.on('session', (ticket: Buffer) => {
        session = ticket
      })
      socket.on('error', reject)
      socket.resume()
      socket.on('close', () => (session ? resolve(session) : reject(new Error('no session'))))
    })
  }

  function isResumed(port: number, options: ConnectionOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
        resolve(socket.isSessionReused())
        socket.destroy()
      })
      socket.on('error', reject)
    })
  }
})
