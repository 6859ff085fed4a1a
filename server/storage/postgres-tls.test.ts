import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects, postgresql } from './testing/dialects.ts'
import { startPostgres } from './testing/postgres-server.ts'

const canRun = dialects.includes(postgresql) && spawnSync('openssl', ['version']).status === 0

describe.skipIf(!canRun)('An encrypted connection to PostgreSQL', () => {
  let directory = ''
  const path = (name: string) => join(directory, name)
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' })
  let address = ''
  let stop = async () => {}

  /** Certificates of an authority of our own, for 127.0.0.1 but not for localhost. */
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'keyhold-tls-'))
    const newKey = ['req', '-newkey', 'rsa:2048', '-nodes']
    const authority = ['-keyout', path('ca.key'), '-out', path('ca.crt'), '-subj', '/CN=authority']
    openssl(...newKey, '-x509', '-days', '2', ...authority)
    openssl(...newKey, '-keyout', path('key'), '-out', path('csr'), '-subj', '/CN=server')
    writeFileSync(path('names'), 'subjectAltName=IP:127.0.0.1')
    const signing = ['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial']
    const certificate = ['-extfile', path('names'), '-days', '2', '-out', path('crt')]
    openssl('x509', '-req', '-in', path('csr'), ...signing, ...certificate)
    const server = await startPostgres({
      certificate: readFileSync(path('crt'), 'utf8'),
      key: readFileSync(path('key'), 'utf8'),
    })
    address = server?.url ?? ''
    if (server) stop = server.stop
  })

  afterAll(async () => {
    await stop()
    rmSync(directory, { recursive: true })
  })

  async function isEncrypted(url: string) {
    const storage = await postgresql.openAt({ postgresUrl: url })
    const mine = sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`
    const { rows } = await mine.execute(storage.read)
    await storage.close()
    return rows[0]?.ssl
  }

  it('is made when the URL asks for one, and only then', async () => {
    expect(await isEncrypted(`${address}?sslmode=require`)).toBe(true)
    expect(await isEncrypted(address)).toBe(false)
  })

  it('is made with verify-full to the server whose certificate names it', async () => {
    const verified = `${address}?sslmode=verify-full&sslrootcert=${path('ca.crt')}`

    expect(await isEncrypted(verified)).toBe(true)
  })

  it('is refused with verify-full when the authority is unknown', async () => {
    await expect(isEncrypted(`${address}?sslmode=verify-full`)).rejects.toThrow(/certificate/)
  })

  it('is refused with verify-full when the certificate names another', async () => {
    const other = address.replace('127.0.0.1', 'localhost')
    const verified = `${other}?sslmode=verify-full&sslrootcert=${path('ca.crt')}`

    await expect(isEncrypted(verified)).rejects.toThrow(/altnames/)
  })

  it('is refused when the server does not offer encryption, instead of going without', async () => {
    const place = await postgresql.freshPlace()
    const plain = 'postgresUrl' in place ? place.postgresUrl : ''

    await expect(isEncrypted(`${plain}?sslmode=require`)).rejects.toThrow('does not offer')
  })

  it('can be broken by the server without harm', async () => {
    const storage = await postgresql.openAt({ postgresUrl: `${address}?sslmode=require` })
    await storage.ping()
    const others = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'keyhold' and pid <> pg_backend_pid()`
    for (let time = 0; time < 3; time++) await storage.write((tx) => others.execute(tx.db))
    await new Promise((resolve) => setTimeout(resolve, 100))

    await expect(storage.ping()).resolves.toBeUndefined()
  })
})
