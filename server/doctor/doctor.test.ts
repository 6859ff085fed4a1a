// Installations that are well, and that are not, as the doctor sees them.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Place, readInitConfig, readPlace } from '../config.ts'
import { authority, hasOpenssl } from '../gateway/testing/certificates.ts'
import { initialise } from '../installation.ts'
import { lockDirectory } from '../storage/directory-lock.ts'
import { dialects, postgresql } from '../storage/testing/dialects.ts'
import { clockOf, lookAtDatabase } from './database.ts'
import { fileSystem, freeSpace, lookAtDirectory } from './directory.ts'
import type { Finding } from './finding.ts'
import { lookAtRunningServer } from './running-server.ts'
import { lookAtTls } from './tls.ts'

const init = (data: string, database?: string) =>
  initialise(
    readInitConfig({
      data,
      ...(database && { database }),
      accountId: '111122223333',
      listen: '127.0.0.1:8480',
      regions: 'us-east-1',
    }),
  )

let made: string
let directory: string
let place: Place
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'keyhold-doctor-'))
  await init(made)
})
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyhold-doctor-'))
  cpSync(made, directory, { recursive: true })
  place = readPlace({ data: directory })
  return () => rmSync(directory, { recursive: true })
})
afterAll(() => rmSync(made, { recursive: true }))

const look = async (at = place) => [...lookAtDirectory(at), ...(await lookAtDatabase(at))]
const wrongs = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'wrong').map(({ subject }) => subject)

describe('The doctor, of an installation,', () => {
  it('finds nothing wrong with a new one, changes nothing, and tells no secret', async () => {
    const findings = await look()
    expect(wrongs(findings)).toEqual([])
    const text = JSON.stringify(findings)
    const { secretAccessKey } = JSON.parse(readFileSync(place.credentialsFile, 'utf8'))
    expect(text).not.toContain(secretAccessKey)
    const key = readFileSync(place.rootKeyFile).subarray(-40, -8)
    for (const encoding of ['hex', 'base64', 'latin1'] as const) {
      expect(text).not.toContain(key.toString(encoding))
    }
    expect(readFileSync(place.rootKeyFile)).toEqual(readFileSync(join(made, 'root.key')))
  })

  it('finds a directory that is missing, or that others write to', async () => {
    const nowhere = readPlace({ data: join(directory, 'none') })
    expect(wrongs(await look(nowhere))).toEqual(['data directory'])
    chmodSync(directory, 0o777)
    expect(wrongs(await look())).toEqual(['data directory'])
  })

  it('finds a root key that others read, that is damaged, missing, or of another installation', async () => {
    const { rootKeyFile } = place
    const whole = readFileSync(rootKeyFile)
    chmodSync(rootKeyFile, 0o640)
    expect(wrongs(await look())).toContain('seal')
    chmodSync(rootKeyFile, 0o600)
    writeFileSync(rootKeyFile, whole.subarray(0, -1))
    expect(wrongs(await look())).toEqual(['seal', 'root key'])
    rmSync(rootKeyFile)
    expect(wrongs(await look())).toEqual(['seal', 'root key'])
    const other = mkdtempSync(join(tmpdir(), 'keyhold-doctor-'))
    await init(other)
    copyFileSync(join(other, 'root.key'), rootKeyFile)
    rmSync(other, { recursive: true })
    expect(wrongs(await look())).toEqual(['root key'])
  })

  it('tells of a rotation of the root key that was interrupted, and of the seals before', async () => {
    const { rootKeyFile } = place
    const other = mkdtempSync(join(tmpdir(), 'keyhold-doctor-'))
    await init(other)
    renameSync(rootKeyFile, `${rootKeyFile}.next-root`)
    copyFileSync(join(other, 'root.key'), rootKeyFile)
    rmSync(other, { recursive: true })
    mkdirSync(join(directory, 'old-seals'))
    copyFileSync(rootKeyFile, join(directory, 'old-seals', 'some.key'))
    const findings = await look()
    expect(wrongs(findings)).toEqual([])
    expect(findings).toContainEqual(
      expect.objectContaining({ subject: 'root key', told: 'a rotation was interrupted' }),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({
        subject: 'old seals',
        told: '1 of root keys that were rotated away',
      }),
    )
    // Beside a seal that is to keep the root key from whoever has the directory.
    writeFileSync(place.sealFile, '{}')
    const old = (await look()).find(({ subject }) => subject === 'old seals')
    expect(old?.told).toContain('some in the clear')
  })

  it('says nothing of what is in a directory that it cannot look into', async () => {
    const findings = await look({ ...place, directory: place.rootKeyFile })
    expect(findings.map(({ subject }) => subject)).toEqual(['data directory'])
    expect(findings[0]?.told).toContain('is no directory')
  })

  it('finds credentials that others read', async () => {
    chmodSync(place.credentialsFile, 0o644)
    expect(wrongs(await look())).toEqual(['credentials.json'])
    rmSync(place.credentialsFile)
    expect((await look()).map(({ subject }) => subject)).not.toContain('credentials.json')
  })

  it('finds a database that is damaged, none, or missing', async () => {
    const file = join(directory, 'keyhold.db')
    new DatabaseSync(file).exec('pragma wal_checkpoint(truncate)')
    const descriptor = openSync(file, 'r+')
    // Some pages in the middle; the first tells what the file is.
    writeSync(descriptor, Buffer.alloc(4 * 4096, 0xa5), 0, 4 * 4096, 2 * 4096)
    expect(wrongs(await look())).toContain('database')
    writeFileSync(file, 'this is no database, however long it may be. '.repeat(200))
    expect(wrongs(await look())).toEqual(['database'])
    rmSync(file)
    expect(wrongs(await look())).toEqual(['database'])
  })

  it('finds migrations of a newer release, and a database that was never finished', async () => {
    const database = new DatabaseSync(join(directory, 'keyhold.db'))
    database.exec("insert into kysely_migration values ('kms/9999-future', '')")
    expect(wrongs(await look())).toEqual(['migrations'])
    database.exec("delete from kysely_migration where name = 'kms/9999-future'")
    database.exec('delete from installation')
    expect(wrongs(await look())).toEqual(['root key'])
    database.close()
  })

  it('finds a disk that is nearly full', () => {
    const free = (mebibytes: number) => freeSpace({ bavail: mebibytes * 256, bsize: 4096 }).state
    expect([free(0), free(255), free(300), free(5000)]).toEqual(['wrong', 'wrong', 'note', 'ok'])
  })

  it('finds file systems on which SQLite’s locks do not hold', () => {
    for (const type of [0x6969, 0xff534d42, 0x01021997, 0x00c36400]) {
      expect(fileSystem(type).state).toBe('wrong')
    }
    expect(fileSystem(0x65735546).state).toBe('note')
    for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994]) {
      expect(fileSystem(type).state).toBe('ok')
    }
  })

  it('finds clocks that differ by more than a few seconds', () => {
    expect([0, 4000, -4000, 6000, -6000, 3e8].map((ms) => clockOf(ms).state)).toEqual([
      'ok',
      'ok',
      'ok',
      'wrong',
      'wrong',
      'wrong',
    ])
  })
})

describe.skipIf(!dialects.includes(postgresql))('The doctor, of PostgreSQL,', () => {
  it('looks at its answers, its clock, its migrations and its root key', async () => {
    const fresh = await postgresql.freshPlace()
    const database = 'postgresUrl' in fresh ? fresh.postgresUrl : ''
    const at = readPlace({ data: directory, database })
    expect(wrongs(await look(at))).toEqual(['root key'])
    const other = mkdtempSync(join(tmpdir(), 'keyhold-doctor-'))
    await init(other, database)
    expect(wrongs(await look(at))).toEqual(['root key'])
    const right = await look(readPlace({ data: other, database }))
    rmSync(other, { recursive: true })
    expect(wrongs(right)).toEqual([])
    expect(right.map(({ subject }) => subject)).toContain('clock')
  })

  it('finds that it does not answer, without telling its password', async () => {
    const database = 'postgres://u:hunter2@127.0.0.1:1/d'
    const findings = await look(readPlace({ data: directory, database }))
    expect(wrongs(findings)).toEqual(['database'])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })
})

describe('The doctor, of a running server,', () => {
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) server.close()
  })

  it('finds none where nobody holds the lock, and leaves it to be taken', async () => {
    expect((await lookAtRunningServer(directory)).state).toBe('ok')
    const unlock = lockDirectory(directory)
    unlock()
    expect((await lookAtRunningServer(directory)).told).toContain('none is running')
  })

  it('finds one whose socket does not answer, and one whose socket does', async () => {
    const unlock = lockDirectory(directory)
    expect((await lookAtRunningServer(directory)).state).toBe('wrong')
    const server = createServer((_request, response) => response.writeHead(400).end())
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(join(directory, 'operator.sock'), resolve))
    const found = await lookAtRunningServer(directory)
    expect(found).toMatchObject({ state: 'ok', told: expect.stringContaining('answers') })
    unlock()
  })
})

describe.skipIf(!hasOpenssl)('The doctor, of TLS files,', () => {
  it('finds what is expired, about to, not yet valid, another’s key, or open to everybody', () => {
    const ours = authority(directory, 'ours')
    const files = { ...ours.issue('server', { days: 60 }), clientCaFile: ours.caFile }
    const stateAt = (days: number) => lookAtTls(files, Date.now() + days * 86_400_000)[0]?.state
    expect([0, 40, 54, 61, -1].map(stateAt)).toEqual(['ok', 'note', 'wrong', 'wrong', 'wrong'])
    chmodSync(files.keyFile, 0o644)
    expect(wrongs(lookAtTls(files, Date.now()))).toEqual(['TLS key'])
    const { keyFile } = ours.issue('other')
    expect(wrongs(lookAtTls({ ...files, keyFile }, Date.now()))).toEqual(['certificate'])
    rmSync(files.certFile)
    expect(wrongs(lookAtTls(files, Date.now()))).toEqual(['certificate'])
  })
})
