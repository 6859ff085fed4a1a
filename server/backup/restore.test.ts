// What a restore refuses, and what is left of one that did not come to its end.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperatorError, type Place } from '../config.ts'
import { allMigrations, openDatabase, openInstallation, openPlace } from '../installation.ts'
import { newRootKey, readRootKeyFile } from '../seal/file-seal.ts'
import type { RootKey } from '../seal/root-key.ts'
import { verifyWholeTrail } from '../services/cloudtrail/service.ts'
import type { Migration, Storage } from '../storage/storage.ts'
import { dialects } from '../storage/testing/dialects.ts'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { openBackupFile } from './backup-reader.ts'
import { createBackupFile } from './backup-writer.ts'
import { createBackup } from './create.ts'
import { encodeFrame, type Frame, framesOf } from './frames.ts'
import { checkBackup } from './restore.ts'
import { emptyPlace, restoreInto } from './testing/restoring.ts'

let server: TestServer
let rootKeyFile: string
let rootKey: RootKey
let file: string
beforeAll(async () => {
  server = await testServer()
  rootKeyFile = join(server.directory, 'root.key')
  rootKey = readRootKeyFile(rootKeyFile)
  const kms = server.kms()
  for (let count = 0; count < 3; count++)
    await kms.send(new CreateKeyCommand({ Description: 'a key' }))
  file = join(server.directory, 'backup')
  await createBackup({ storage: server.storage, rootKey, directory: server.directory }, file)
})
afterAll(() => server.close())

async function framesIn(path: string): Promise<Frame[]> {
  const reader = await openBackupFile(path, () => rootKey)
  const frames: Frame[] = []
  for await (const frame of framesOf(reader.read())) frames.push(frame)
  await reader.close()
  return frames
}

/** A backup that is authentic, but holds other frames. */
async function forge(name: string, change: (frames: Frame[]) => Frame[]): Promise<string> {
  const path = join(server.directory, name)
  rmSync(path, { force: true })
  const writer = await createBackupFile(path, rootKey, 'sqlite')
  for (const frame of change(await framesIn(file))) await writer.write(encodeFrame(frame))
  await writer.finish()
  return path
}

/** The storage, whose write number `last` fails before it is committed, and all after it. */
function failingAt(last: number): { wrap(storage: Storage): Storage; writes(): number } {
  let writes = 0
  return {
    writes: () => writes,
    wrap: (storage) => ({
      ...storage,
      write(work, pace) {
        writes++
        if (writes >= last) return Promise.reject(new Error('the power went off'))
        return storage.write(work, pace)
      },
    }),
  }
}

describe.each(dialects)('A restore on $name', ({ name }) => {
  it('that was interrupted at any write is refused by serve, and the last write makes it whole', async () => {
    for (let last = 1; ; last++) {
      const place = await emptyPlace(name, rootKeyFile)
      const failing = failingAt(last)
      try {
        await restoreInto(place, file, failing.wrap)
      } catch (error) {
        expect((error as Error).message).toBe('the power went off')
        await expect(openDatabase(place), `write ${last}`).rejects.toThrow(
          /was not finished|was interrupted: it holds a part of the backup/,
        )
        continue
      }
      expect(failing.writes()).toBeGreaterThan(8)
      const { storage } = await openInstallation(place)
      const verified = await verifyWholeTrail({ storage, rootKey }, place.directory, {
        checkpoint: [],
        onRecord: () => {},
      })
      expect(verified.problems).toEqual([])
      await storage.close()
      break
    }
  }, 120_000)

  it('into a database with a row in it is refused, and leaves that as it was', async () => {
    const place = await emptyPlace(name, rootKeyFile)
    const storage = await openPlace(place)
    await storage.write(async (tx) => {
      await sql`create table others (word text)`.execute(tx.db)
      await sql`insert into others values ('mine')`.execute(tx.db)
    })
    await expect(restoreInto(place, file)).rejects.toThrow(
      'The database is not empty: the table others has rows.',
    )
    const tables = await storage.read.introspection.getTables()
    expect(tables.map((table) => table.name)).toEqual(['changes', 'others'])
    await storage.close()
  })

  it('into a place that was restored already is refused', async () => {
    const place = await emptyPlace(name, rootKeyFile)
    await restoreInto(place, file)
    await expect(restoreInto(place, file)).rejects.toThrow('The database is not empty')
  })

  it('restores a backup of an older release, whose rows later migrations then change', async () => {
    const later: Migration = {
      name: 'kms/9999-louder',
      kind: 'expand',
      since: 1,
      async up(db) {
        await db.schema.alterTable('kms_keys').addColumn('volume', 'text').execute()
        await sql`update kms_keys set volume = upper(description)`.execute(db)
      },
    }
    const place = await emptyPlace(name, rootKeyFile)
    await restoreInto(place, file, undefined, [...allMigrations(), later])
    const storage = await openPlace(place)
    const { rows } = await sql`select volume from kms_keys`.execute(storage.read)
    expect(rows).toEqual([1, 2, 3].map(() => ({ volume: 'A KEY' })))
    await storage.close()
  })
})

describe('A backup is refused', () => {
  async function refusal(path: string): Promise<string> {
    const place: Place = await emptyPlace('sqlite', rootKeyFile)
    const error = await restoreInto(place, path).then(
      () => undefined,
      (problem: unknown) => problem,
    )
    expect(error).toBeInstanceOf(OperatorError)
    return (error as Error).message
  }

  it('before anything is written, where its last byte is damaged', async () => {
    const damaged = join(server.directory, 'damaged')
    const bytes = readFileSync(file)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    writeFileSync(damaged, bytes)
    const place = await emptyPlace('sqlite', rootKeyFile)
    await expect(restoreInto(place, damaged)).rejects.toThrow('This backup cannot be used: chunk')
    expect(existsSync(join(place.directory, 'keyhold.db'))).toBe(false)
  })

  it('where another root key is in the place', async () => {
    await expect(openBackupFile(file, () => newRootKey())).rejects.toThrow(
      'another root key sealed it',
    )
  })

  it('where a newer release made it', async () => {
    const newer = await forge('newer', (frames) =>
      frames.map((frame) =>
        frame.kind === 'contents'
          ? { ...frame, migrations: [...frame.migrations, 'kms/9999-future'] }
          : frame,
      ),
    )
    expect(await refusal(newer)).toContain('A newer release made this backup')
  })

  it.each([
    ['a row was left out', (frames: Frame[]) => frames.toSpliced(-2, 1)],
    ['the end was left out', (frames: Frame[]) => frames.slice(0, -1)],
    ['the contents were left out', (frames: Frame[]) => frames.slice(1)],
  ])('where %s', async (_what, change) => {
    expect(await refusal(await forge('less', change))).toContain('it does not hold what it says')
  })

  it('where a table is not the one that its migrations make', async () => {
    const other = await forge('other', (frames) =>
      frames.map((frame) => (frame.kind === 'table' ? { ...frame, table: 'cats' } : frame)),
    )
    expect(await refusal(other)).toContain('its table cats is not the one')
  })

  it('where it holds no installation', async () => {
    const empty = await forge('empty', (frames) => [frames[0] as Frame, { kind: 'end', rows: 0 }])
    expect(await refusal(empty)).toContain('it holds no installation')
  })
})

describe('A backup is not made', () => {
  it('of a database that another root key belongs to', async () => {
    const { storage, directory } = server
    const path = join(directory, 'not-made')
    await expect(createBackup({ storage, rootKey: newRootKey(), directory }, path)).rejects.toThrow(
      'The root key is being changed',
    )
    expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false)
  })

  it('of a server that stops, and leaves nothing', async () => {
    const place = await emptyPlace('sqlite', rootKeyFile)
    await restoreInto(place, file)
    const { storage } = await openInstallation(place)
    const path = join(place.directory, 'not-made')
    const making = createBackup({ storage, rootKey, directory: place.directory }, path)
    await storage.close()
    await expect(making).rejects.toThrow()
    expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false)
  })
})

it('what a check reads is what a restore reads', async () => {
  const reader = await openBackupFile(file, () => rootKey)
  const heard: number[] = []
  const { rows, migrations } = await checkBackup(reader, (bytes) => heard.push(bytes))
  const frames = await framesIn(file)
  expect(rows).toBe(frames.filter(({ kind }) => kind === 'row').length)
  expect(frames[0]).toEqual({ kind: 'contents', migrations })
  expect(heard.at(-1)).toBe(reader.bytes)
  await reader.close()
})
