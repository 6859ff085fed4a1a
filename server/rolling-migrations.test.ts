// A whole server of this release on a database that the next one has expanded: every table has more columns
// than it knows, and it works on.
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  RotateKeyOnDemandCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readPlace } from './config.ts'
import { allMigrations, openInstallation, openPlace } from './installation.ts'
import { verifyWholeTrail } from './services/cloudtrail/service.ts'
import { finishMigrations, listTables, type Migration, migrate } from './storage/storage.ts'
import { dialects } from './storage/testing/dialects.ts'
import { testServer } from './testing/test-server.ts'

/** Not of the schema's versions: what a storage and the meeting of versions stand on. */
const FOUNDATIONS = ['changes', 'schema_version', 'server_processes']

/** Adds to every table what the rules for migrations allow. */
const everywhere: Migration = {
  name: 'test/0001-everywhere',
  kind: 'expand',
  since: 2,
  async up(db, dialect) {
    for (const { name, columns } of await listTables(db, dialect)) {
      if (FOUNDATIONS.includes(name)) continue
      await db.schema.alterTable(name).addColumn('future', 'text').execute()
      if (columns.includes('mac')) continue
      await db.schema
        .alterTable(name)
        .addColumn('future_count', 'integer', (column) => column.notNull().defaultTo(7))
        .execute()
    }
  },
}
const cleared: Migration = {
  name: 'test/0002-cleared',
  kind: 'contract',
  since: 2,
  async up(db) {
    await db.schema.alterTable('kms_keys').dropColumn('description').execute()
  },
}
const next = [...allMigrations(), everywhere, cleared]

/** Writes and reads every kind of row that a caller can cause. */
async function live(kms: KMSClient, name: string, KeyId: string): Promise<void> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from(name) }),
  )
  const alias = { AliasName: `alias/${name}`, TargetKeyId: KeyId }
  await kms.send(new CreateAliasCommand(alias))
  await kms.send(new UpdateAliasCommand(alias))
  await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: name, TagValue: 'x' }] }))
  await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: name }))
  await kms.send(new EnableKeyRotationCommand({ KeyId }))
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  await kms.send(new DisableKeyCommand({ KeyId }))
  await kms.send(new EnableKeyCommand({ KeyId }))
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias.AliasName }))
  expect(KeyMetadata).toMatchObject({ Description: name, KeyState: 'Enabled' })
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(Plaintext as Uint8Array).toString()).toBe(name)
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId }))
  expect(Aliases?.map(({ AliasName }) => AliasName)).toContain(alias.AliasName)
  const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }))
  expect(Tags).toContainEqual({ TagKey: name, TagValue: 'x' })
}

describe.each(dialects)('While the next release is rolled out on $name', (dialect) => {
  it('a server of this one serves on, starts again, and yields in the end', async () => {
    const fresh = dialect.name === 'sqlite' ? undefined : await dialect.freshPlace()
    const database = fresh && 'postgresUrl' in fresh ? fresh.postgresUrl : undefined
    const server = await testServer(database === undefined ? {} : { database })
    const place = readPlace({ data: server.directory, ...(database && { database }) })
    const kms = server.kms()
    const create = async () => {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'made' }))
      return KeyMetadata?.KeyId as string
    }
    const old = await create()
    await live(kms, 'before', old)
    await server.sweepJobs()

    const newer = await openPlace(place)
    onTestFinished(() => newer.close())
    expect(await migrate(newer, next)).toEqual(['test/0001-everywhere'])

    await kms.send(new RotateKeyOnDemandCommand({ KeyId: await create() }))
    await live(kms, 'after', await create())
    await server.sweepJobs()
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: old }))
    expect(KeyMetadata?.Description).toBe('before')
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId: old, Description: 'changed' }))
    expect((await kms.send(new ListKeysCommand())).Keys).toHaveLength(3)
    // Rolled back: it starts on what the next one left.
    const again = await openInstallation(place)
    const verified = await verifyWholeTrail(again, server.directory, {
      checkpoint: [],
      onRecord: () => {},
    })
    expect(verified).toMatchObject({ valid: true })
    await again.storage.close()

    await server.close()
    expect(await finishMigrations(newer, next)).toEqual(['test/0002-cleared'])
    if (dialect.name === 'postgres') {
      await expect(migrate(newer, allMigrations())).rejects.toThrow('too old for this database')
    }
  })
})
