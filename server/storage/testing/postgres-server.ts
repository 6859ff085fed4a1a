// A PostgreSQL server for tests: a new cluster in a temporary directory, on a free loopback port.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

type PostgresServer = {
  /** The URL of its superuser, without a password: loopback is trusted. */
  readonly url: string
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** A server's certificate and its private key, in PEM. */
type ServerCertificate = { readonly certificate: string; readonly key: string }

/**
 * Starts a server; nothing where PostgreSQL is not installed. It does not sync to disk: no test cuts the
 * power, and whatever is killed, the system keeps what was written.
 */
export async function startPostgres(tls?: ServerCertificate): Promise<PostgresServer | undefined> {
  const programs = findPrograms()
  if (!programs) return undefined
  const account = unprivilegedAccount()
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-postgres-'))
  if (account) chownSync(directory, account.uid, account.gid)
  const cluster = join(directory, 'cluster')
  const setUp = ['-D', cluster, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C']
  execFileSync(join(programs, 'initdb'), setUp, { ...account, cwd: directory, stdio: 'pipe' })

  if (tls) {
    for (const [file, text] of [
      ['server.crt', tls.certificate],
      ['server.key', tls.key],
    ] as const) {
      writeFileSync(join(cluster, file), text, { mode: 0o600 })
      if (account) chownSync(join(cluster, file), account.uid, account.gid)
    }
  }
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'fsync=off',
    'full_page_writes=off',
  ]
  if (tls) settings.push('ssl=on')
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...account, cwd: directory, stdio: 'ignore' },
  )
  const quit = () => server.kill('SIGQUIT')
  process.once('exit', quit)

  async function stop() {
    process.off('exit', quit)
    server.kill('SIGINT')
    await exited(server)
    rmSync(directory, { recursive: true, force: true })
  }

  const isReady = ['-h', '127.0.0.1', '-p', String(port)]
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) break
    try {
      execFileSync(join(programs, 'pg_isready'), isReady, { stdio: 'ignore' })
      return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
    } catch {
      await sleep(50)
    }
  }
  await stop()
  throw new Error('the PostgreSQL server for tests did not start')
}

function findPrograms(): string | undefined {
  const packaged = globSync('/usr/lib/postgresql/*/bin/initdb').sort().reverse().map(dirname)
  const path = (process.env.PATH ?? '').split(delimiter)
  return [...packaged, ...path].find((directory) =>
    ['initdb', 'postgres', 'pg_isready'].every((program) => existsSync(join(directory, program))),
  )
}

/** PostgreSQL refuses to run as root; its package made an account for it. */
function unprivilegedAccount(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

function exited(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => process.once('exit', () => resolve()))
}
