// A server as it is run where it counts: TLS for both sides, certificates replaced under way, metrics on
// an address of their own, and processes that show nothing of their memory.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, type AgentOptions } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEYHOLD, newDirectory, type Running, run, startServer } from './server-program.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) process.stderr.write('\nopenssl is not installed: the tests of TLS are SKIPPED\n')

const directory = newDirectory()
const path = (name: string) => join(directory.path, name)
const data = path('data')

/** A certificate that signs itself, and its key. */
function makeCertificate(name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '2', '-nodes']
  const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)]
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' })
}

describe.skipIf(!hasOpenssl)('A hardened server of two workers', () => {
  let server: Running
  let port: number
  let pages: string
  let stderr = ''

  beforeAll(async () => {
    for (const name of ['first', 'second', 'client', 'stranger']) makeCertificate(name)
    use('first')
    const environment = ['NODE_OPTIONS=--no-warnings', 'NODE_PATH=/nowhere', 'LD_BIND_NOW=1']
    const tls = ['--tls-cert', path('crt'), '--tls-key', path('key')]
    server = await startServer(
      data,
      [
        ...['--workers', '2', ...tls, '--client-ca', path('client.crt')],
        ...['--metrics-listen', '127.0.0.1:0', '--max-connections', '20'],
      ],
      ['env', ...environment, process.execPath, KEYHOLD],
    )
    server.process.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    port = Number(new URL(server.endpoint).port)
    pages = String(server.log.find(({ msg }) => msg === 'health and metrics')?.endpoint)
  })
  afterAll(async () => {
    await server?.kill()
    directory.remove()
  })

  function use(name: string): void {
    copyFileSync(path(`${name}.crt`), path('crt'))
    copyFileSync(path(`${name}.key`), path('key'))
  }

  const presenting = (name: string, trusted: string): AgentOptions => ({
    ca: readFileSync(path(`${trusted}.crt`)),
    cert: readFileSync(path(`${name}.crt`)),
    key: readFileSync(path(`${name}.key`)),
  })
  const client = (options: AgentOptions) =>
    server.kms({ requestHandler: { httpsAgent: new Agent({ keepAlive: true, ...options }) } })

  /** Whose certificate a new connection is shown. */
  const shown = () =>
    new Promise<unknown>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false }
      const socket = connect({ ...options, ...presentingFiles() }, () => {
        resolve(socket.getPeerCertificate().subject.CN)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  const presentingFiles = () => ({
    cert: readFileSync(path('client.crt')),
    key: readFileSync(path('client.key')),
  })

  /** The server's own processes: what the launcher started, and what that started. */
  function processes(): number[] {
    const childrenOf = (parent: number): number[] =>
      readdirSync('/proc')
        .map(Number)
        .filter((pid) => pid > 0 && parentOf(pid) === parent)
    const [primary = 0] = childrenOf(server.pid)
    return [primary, ...childrenOf(primary)]
  }

  it('answers who presents a certificate and signs; neither alone is enough', async () => {
    await client(presenting('client', 'first')).send(new ListKeysCommand())
    const unsigned = client(presenting('client', 'first'))
    unsigned.config.credentials = async () => ({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'x'.repeat(40),
    })
    await expect(unsigned.send(new ListKeysCommand())).rejects.toThrow(/security token|signature/i)
    await expect(
      client(presenting('stranger', 'first')).send(new ListKeysCommand()),
    ).rejects.toThrow()
    const { ca } = presenting('client', 'first')
    await expect(client({ ca }).send(new ListKeysCommand())).rejects.toThrow()
  })

  it('tells health and metrics of all workers on their own address, and there alone', async () => {
    const health = await fetch(`${pages}/health`)
    expect(health.status).toBe(200)
    expect(await health.json()).toEqual({
      live: true,
      ready: true,
      parts: {
        workers: 'ok',
        seal: 'ok',
        rootKey: 'ok',
        store: 'ok',
        changes: 'ok',
        trail: 'ok',
      },
    })
    const metrics = await (await fetch(`${pages}/metrics`)).text()
    expect(metrics).toMatch(
      /keyhold_calls_total\{service="kms",operation="ListKeys",error=""\} [1-9]/,
    )
    expect((await fetch(`${pages}/`)).status).toBe(404)
    const answer = await new Promise<string>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false, ...presentingFiles() }
      const socket = connect(options, () =>
        socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      )
      socket.on('data', (chunk) => resolve(chunk.toString()))
      socket.on('error', reject)
    })
    expect(answer).toContain('UnknownOperationException')
    expect(answer).not.toContain('live')
  })

  it('takes a new certificate on SIGHUP in every worker, and drops no connection', async () => {
    const kms = client({ ...presenting('client', 'first'), maxSockets: 1 })
    await kms.send(new ListKeysCommand())
    use('second')
    server.process.kill('SIGHUP')
    await expect
      .poll(async () => new Set([await shown(), await shown(), await shown(), await shown()]), {
        timeout: 10_000,
      })
      .toEqual(new Set(['second']))
    // It trusts the first certificate only, so it can but be the old connection.
    await kms.send(new ListKeysCommand())
    await expect(
      client(presenting('client', 'first')).send(new ListKeysCommand()),
    ).rejects.toThrow()
    expect(server.log.filter(({ msg }) => msg === 'the TLS files were loaded anew')).toHaveLength(1)
  })

  it('keeps its certificate where the new one is broken, and says so', async () => {
    writeFileSync(path('crt'), 'no certificate')
    server.process.kill('SIGHUP')
    const told = () => server.log.filter(({ problem }) => String(problem).includes(path('crt')))
    await expect.poll(told).toHaveLength(1)
    expect(await shown()).toBe('second')
    use('second')
  })

  it.runIf(existsSync('/proc/self/coredump_filter'))(
    'has processes that show nothing of their memory',
    async () => {
      expect(processes()).toHaveLength(3)
      for (const pid of processes()) {
        const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1')
        expect(Number.parseInt(read('coredump_filter'), 16)).toBe(0)
        expect(read('status')).toMatch(/^Umask:\t0077$/m)
        expect(read('cmdline')).toContain('--disable-sigusr1')
        expect(read('environ')).not.toMatch(/NODE_OPTIONS|NODE_PATH|LD_BIND_NOW/)
        process.kill(pid, 'SIGUSR1')
      }
      await expect.poll(shown).toBe('second')
      expect(processes()).toHaveLength(3)
      expect(stderr).not.toContain('Debugger')
    },
  )

  it('lets as many connections in as it was told, and drops the rest', async () => {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false, ...presentingFiles() }
    const sockets = Array.from({ length: 60 }, () => connect(options).on('error', () => {}))
    await expect
      .poll(() => sockets.filter(({ closed }) => closed).length)
      .toBeGreaterThanOrEqual(20)
    const metrics = await (await fetch(`${pages}/metrics`)).text()
    expect(
      Number(/^keyhold_dropped_connections_total (\d+)/m.exec(metrics)?.[1]),
    ).toBeGreaterThanOrEqual(20)
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => shown().catch(() => 'refused')).toBe('second')
  })
})

describe('A server', () => {
  it('does not run with an inspector', async () => {
    for (const options of ['--inspect=127.0.0.1:0', '--inspect-port=0']) {
      const refused = await run(['serve', '--data', data], undefined, { NODE_OPTIONS: options })
      expect(refused.code).toBe(2)
      expect(refused.stderr).toContain('A server that holds keys does not run with --inspect')
    }
  })
})

function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}
