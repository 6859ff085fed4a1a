// TLS on an address that others reach: what is served, what is refused, and what the trail says of it.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDatabase } from './databases.ts'
import { newDirectory, type Running, run, startServer } from './server-program.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) process.stderr.write('\nopenssl is not installed: the tests of TLS are SKIPPED\n')

const directory = newDirectory()
const certificate = join(directory.path, 'cert.pem')
const key = join(directory.path, 'key.pem')
const data = join(directory.path, 'data')

describe.skipIf(!hasOpenssl)('A server with TLS on every address', () => {
  let server: Running
  let port: number
  beforeAll(async () => {
    const subject = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
    ]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '2', '-nodes']
    const files = ['-keyout', key, '-out', certificate]
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' })
    expect((await run(['init', '--data', data])).code).toBe(0)
    const listen = ['--listen', '0.0.0.0:0']
    const files2 = ['--tls-cert', certificate, '--tls-key', key]
    server = await startServer(data, ['--workers', '2', ...listen, ...files2])
    port = Number(new URL(server.endpoint).port)
  })
  afterAll(async () => {
    await server?.kill()
    directory.remove()
  })

  /** A client that trusts this certificate and no other. */
  const trusting = (ca: Buffer | undefined) =>
    server.kms({
      endpoint: `https://localhost:${port}`,
      requestHandler: { httpsAgent: new Agent({ ca }) },
    })

  it('serves who trusts its certificate, and tells the trail how', async () => {
    expect(server.endpoint).toMatch(/^https:/)
    const kms = trusting(readFileSync(certificate))
    const { KeyMetadata } = await kms.send(new CreateKeyCommand())
    const sealed = await kms.send(
      new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }),
    )
    await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
    const records = await (await newDatabase('sqlite')).records(data)
    const record = records.find((text) => text.includes(sealed.$metadata.requestId as string))
    expect(JSON.parse(record ?? '{}').tlsDetails).toEqual({
      tlsVersion: 'TLSv1.3',
      cipherSuite: expect.stringMatching(/^TLS_/),
      clientProvidedHostHeader: `localhost:${port}`,
    })
  })

  it('is not believed by who does not trust its certificate', async () => {
    await expect(trusting(undefined).send(new CreateKeyCommand())).rejects.toThrow(/self-signed/)
  })

  it('speaks TLS 1.2 and refuses 1.1', async () => {
    const handshake = (version: 'TLSv1.1' | 'TLSv1.2') =>
      new Promise((resolve, reject) => {
        const socket = connect({
          port,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          minVersion: version,
          maxVersion: version,
          // OpenSSL itself would refuse to offer the old version at its usual level.
          ciphers: 'DEFAULT@SECLEVEL=0',
        })
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol())
          socket.destroy()
        })
        socket.once('error', reject)
      })
    expect(await handshake('TLSv1.2')).toBe('TLSv1.2')
    await expect(handshake('TLSv1.1')).rejects.toThrow()
  })

  it('does not answer plain HTTP', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
  })

  it('refuses a key that is none, in one sentence', async () => {
    const none = join(directory.path, 'none.pem')
    writeFileSync(none, 'not a key')
    const args = ['--data', join(directory.path, 'other'), '--listen', '127.0.0.1:0']
    const refused = await run(['serve', ...args, '--tls-cert', certificate, '--tls-key', none])
    expect(refused.code).toBeGreaterThan(0)
    expect(refused.stdout).not.toContain('"msg":"ready"')
  })
})
