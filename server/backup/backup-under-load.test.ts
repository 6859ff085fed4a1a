// A backup that is made while calls change everything: one moment, from and into both databases.
import { join } from 'node:path'
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openInstallation } from '../installation.ts'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { journalOf, verifyWholeTrail } from '../services/cloudtrail/service.ts'
import { type Dialect, listTables, type Storage } from '../storage/storage.ts'
import { dialects } from '../storage/testing/dialects.ts'
import { testServer } from '../testing/test-server.ts'
import { type BackupMade, createBackup } from './create.ts'
import { LEFT_OUT } from './dump-store.ts'
import { emptyPlace, freshPostgresUrl, restoreInto } from './testing/restoring.ts'

const MAKERS = 4
const BACKUPS = 3
const KEYS_BETWEEN = 10

const ways = dialects.flatMap(({ name: from }) => dialects.map(({ name: to }) => ({ from, to })))

/** Calls that change something, until stopped; `stop` resolves when the last one was answered. */
function load(kms: KMSClient, toggled: string) {
  let going = true
  let made = 0
  async function make() {
    while (going) {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'under load' }))
      await kms.send(
        new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('plaintext') }),
      )
      made++
    }
  }
  async function toggle() {
    while (going) {
      await kms.send(new DisableKeyCommand({ KeyId: toggled }))
      await kms.send(new EnableKeyCommand({ KeyId: toggled }))
    }
  }
  const all = Promise.all([...Array.from({ length: MAKERS }, make), toggle()])
  return {
    made: () => made,
    stop() {
      going = false
      return all
    },
  }
}

type AuditRecord = {
  eventID: string
  eventName: string
  errorCode?: string
  requestParameters: { keyId?: string; backupId?: string } | null
  responseElements: { keyMetadata?: { keyId: string } } | null
}

/** Every record in a chain or on its way into one, each once. */
async function recordsOf(storage: Storage, directory: string): Promise<AuditRecord[]> {
  const lines: string[] = []
  const journal = journalOf(storage, directory)
  for (const chain of await journal.list()) {
    const pieces: Uint8Array[] = []
    for await (const piece of journal.read(chain)) pieces.push(piece)
    lines.push(...Buffer.concat(pieces).toString().split('\n'))
  }
  const outbox = await sql<{ record: string }>`select record from trail_outbox`.execute(
    storage.read,
  )
  lines.push(...outbox.rows.map(({ record }) => record))
  const records = lines
    .filter((line) => line.startsWith('{"eventVersion"'))
    .map((line) => JSON.parse(line) as AuditRecord)
  return [...new Map(records.map((record) => [record.eventID, record])).values()]
}

async function keysOf(storage: Storage): Promise<Map<string, string>> {
  const { rows } = await sql<{ key_id: string; state: string }>`
    select key_id, state from kms_keys`.execute(storage.read)
  return new Map(rows.map(({ key_id, state }) => [key_id, state]))
}

async function contentOf(storage: Storage, table: string): Promise<string[]> {
  const { rows } = await sql<Record<string, unknown>>`select * from ${sql.id(table)}`.execute(
    storage.read,
  )
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row).map(([name, value]) => [
          name,
          value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
        ]),
      ),
    )
    .sort()
}

async function openServer(dialect: Dialect) {
  const database = dialect === 'sqlite' ? undefined : await freshPostgresUrl()
  const server = await testServer(database === undefined ? {} : { database })
  const rootKeyFile = join(server.directory, 'root.key')
  const { storage, directory } = server
  const backUp = (file: string): Promise<BackupMade> =>
    createBackup({ storage, rootKey: readRootKeyFile(rootKeyFile), directory }, file)
  return { server, rootKeyFile, backUp }
}

it.each(ways)(
  'A backup under load is one moment: from $from into $to',
  async ({ from, to }) => {
    const { server, rootKeyFile, backUp } = await openServer(from)
    const kms = server.kms()
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'toggled' }))
    const toggled = KeyMetadata?.KeyId as string
    const { made: keysMade, stop } = load(kms, toggled)
    const made: { file: string; backup: BackupMade }[] = []
    for (let round = 0; round < BACKUPS; round++) {
      const before = keysMade()
      await expect.poll(keysMade).toBeGreaterThan(before + KEYS_BETWEEN)
      const file = join(server.directory, `backup-${round}`)
      made.push({ file, backup: await backUp(file) })
    }
    await stop()
    let seen = 0
    for (const { file, backup } of made) {
      const place = await emptyPlace(to, rootKeyFile)
      await restoreInto(place, file)
      const { storage, rootKey } = await openInstallation(place)
      const keys = await keysOf(storage)
      const records = await recordsOf(storage, place.directory)
      const changes = (name: string) =>
        records.filter(({ eventName, errorCode }) => eventName === name && !errorCode)

      // Every key has its record and its material, and every record its key: nothing fell between.
      const created = changes('CreateKey').map(
        ({ responseElements }) => responseElements?.keyMetadata?.keyId as string,
      )
      expect(created.sort()).toEqual([...keys.keys()].sort())
      expect(await contentOf(storage, 'kms_key_materials')).toHaveLength(keys.size)
      const isDisabled = changes('DisableKey').length > changes('EnableKey').length
      expect(keys.get(toggled)).toBe(isDisabled ? 'Disabled' : 'Enabled')

      // The trail goes on where the backup ends, and says so.
      const verified = await verifyWholeTrail({ storage, rootKey }, place.directory, {
        checkpoint: [],
        onRecord: () => {},
      })
      expect(verified.problems).toEqual([])
      expect(verified.epochs).toMatchObject([{ backup: backup.backup }])
      expect(changes('RestoreBackup')).toMatchObject([
        { requestParameters: { backupId: backup.backup } },
      ])
      expect(backup.rows).toBeGreaterThan(keys.size * 2)
      expect(keys.size).toBeGreaterThan(seen)
      seen = keys.size
      await storage.close()
    }
    await server.close()
  },
  120_000,
)

it.each(ways)(
  'Everything that the schema has is restored: from $from into $to',
  async ({ from, to }) => {
    const { server, rootKeyFile, backUp } = await openServer(from)
    const kms = server.kms()
    for (const Description of ['', 'ünïcode \u{1f511}', 'x'.repeat(8192)]) {
      await kms.send(new CreateKeyCommand({ Description }))
    }
    const file = join(server.directory, 'backup')
    await backUp(file)
    const place = await emptyPlace(to, rootKeyFile)
    await restoreInto(place, file)
    const { storage } = await openInstallation(place)
    // What a running server, the restore and the way the trail is kept change, is compared elsewhere.
    const others = new Set([...LEFT_OUT, 'trail_batches', 'trail_outbox', 'trail_chains'])
    const tables = await listTables(server.storage.read, from)
    for (const { name } of tables.filter((table) => !others.has(table.name))) {
      expect([name, ...(await contentOf(storage, name))]).toEqual([
        name,
        ...(await contentOf(server.storage, name)),
      ])
    }
    for (const name of LEFT_OUT) expect(tables.map((table) => table.name)).toContain(name)
    expect(await contentOf(storage, 'changes')).toEqual([])
    const chains = await contentOf(storage, 'trail_chains')
    const before = await contentOf(server.storage, 'trail_chains')
    expect(chains).toHaveLength(before.length + 1)
    for (const chain of before) expect(chains).toContain(chain)
    await storage.close()
    await server.close()
  },
  60_000,
)
