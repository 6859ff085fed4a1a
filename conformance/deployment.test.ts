// The systemd unit and the container file, as far as they can be tried without systemd and containers.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { newDirectory } from './server-program.ts'

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
const UNIT = join(REPOSITORY, 'deploy/keyhold.service')
const CONTAINER = join(REPOSITORY, 'deploy/Containerfile')
const PASSPHRASE = 'six random words are a good passphrase'

const directory = newDirectory()
afterAll(() => directory.remove())

describe('The systemd unit', () => {
  const unit = readFileSync(UNIT, 'utf8')
  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

  it.runIf(hasSystemd)('is one that systemd understands', () => {
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('starts a server that reads its passphrase from the credential, and is found healthy', async () => {
    const data = join(directory.path, 'data')
    const credentials = join(directory.path, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 })
    const main = join(REPOSITORY, 'server/main.mjs')
    const init = ['init', '--data', data, '--seal', 'passphrase', '--passphrase-fd', '0']
    execFileSync(process.execPath, [main, ...init], { input: PASSPHRASE, stdio: 'pipe' })

    const [, command = ''] = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit) ?? []
    const here = command.replaceAll('$$', '$').replaceAll('/opt/keyhold/', REPOSITORY)
    const server = spawn('/bin/sh', ['-c', here], {
      env: {
        PATH: process.env.PATH,
        CREDENTIALS_DIRECTORY: credentials,
        KEYHOLD_DATA: data,
        KEYHOLD_LISTEN: '127.0.0.1:0',
        KEYHOLD_METRICS_LISTEN: '127.0.0.1:0',
        KEYHOLD_WORKERS: '1',
      },
    })
    let log = ''
    server.stdout.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    const ended = once(server, 'exit')
    try {
      await expect.poll(() => log, { timeout: 20_000 }).toContain('"msg":"ready"')
      const lines = log.split('\n').filter((line) => line.startsWith('{'))
      const pages = lines
        .map((line) => JSON.parse(line))
        .find(({ msg }) => msg === 'health and metrics')
      expect(healthcheck(pages.endpoint)).toBe(0)
    } finally {
      server.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
    expect(healthcheck('http://127.0.0.1:9')).toBe(1)
    expect(log).not.toContain(PASSPHRASE)
  })
})

/** What the container's own check of health exits with. */
function healthcheck(endpoint: string): number | null {
  const [, script = ''] = /"-e", \\\n\s+"(.*)"\]/.exec(readFileSync(CONTAINER, 'utf8')) ?? []
  expect(script).toContain('http://127.0.0.1:9480/health')
  return spawnSync(process.execPath, ['-e', script.replace('http://127.0.0.1:9480', endpoint)])
    .status
}
