// An installation: its directory, database and root key; made once, then opened.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type InitConfig, OperatorError, type Place } from './config.ts'
import { findRootKeyId, insertInstallation, installationMigration } from './installation-store.ts'
import { createRootKeyFile, readRootKeyFile } from './seal/file-seal.ts'
import type { RootKey } from './seal/root-key.ts'
import { trailMigrations } from './services/cloudtrail/service.ts'
import { newAccessKey } from './services/iam/access-key-directory.ts'
import { accountDirectory } from './services/iam/account-directory.ts'
import { iamMigrations } from './services/iam/service.ts'
import { services } from './services.ts'
import { migrate, openStorage, type Storage } from './storage/storage.ts'

export type Installation = { readonly storage: Storage; readonly rootKey: RootKey }

/** What `credentials.json` holds: the root user's access key of the first account. */
export type Credentials = {
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly endpoint: string
}

/** Whether there is nothing at the place yet, so that an installation may be made there. */
export function isEmptyPlace({ directory }: Place): boolean {
  return !existsSync(directory) || readdirSync(directory).every((name) => name.startsWith('lock'))
}

/** Makes an installation with its first account; refuses where there is one already. */
export async function initialise(config: InitConfig): Promise<Credentials> {
  const { place, account } = config
  if (existsSync(place.rootKeyFile)) {
    throw new OperatorError(
      `${place.directory} is an installation already. Start it with: keyhold serve --data ${place.directory}`,
    )
  }
  mkdirSync(place.directory, { recursive: true, mode: 0o700 })
  const storage = await openPlace(place)
  try {
    await migrateAll(storage)
    if ((await findRootKeyId(storage)) !== undefined) {
      throw new OperatorError(
        'This database is an installation already, made with another root key. To add a server to it, copy root.key of that installation into --data and run: keyhold serve',
      )
    }
    const { accessKeyId, secretAccessKey } = config
    const accessKey =
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey }
        : newAccessKey()
    const credentials: Credentials = {
      accountId: account,
      ...accessKey,
      region: config.region,
      endpoint: config.endpoint,
    }
    const rootKey = createRootKeyFile(place.rootKeyFile)
    // Written before the installation counts as made: whoever has an installation has its credentials.
    writeCredentials(place, credentials)
    await storage.write(async (tx) => {
      await insertInstallation(tx, rootKey.id)
      const accounts = accountDirectory(storage, rootKey)
      await accounts.insert(tx, account)
      await accounts.insertRootAccessKey(tx, account, accessKey)
    })
    return credentials
  } finally {
    await storage.close()
  }
}

/** Throws where there is no installation, before anything is written. */
export function requireRootKeyFile(place: Place): void {
  if (!existsSync(place.rootKeyFile)) {
    throw new OperatorError(
      `There is no installation in ${place.directory}: ${place.rootKeyFile} is missing. Make one with: keyhold init --data ${place.directory}`,
    )
  }
}

/** Opens the installation, its database brought up to this release. */
export async function openInstallation(place: Place): Promise<Installation> {
  requireRootKeyFile(place)
  const rootKey = readRootKeyFile(place.rootKeyFile)
  const storage = await openPlace(place)
  try {
    await migrateAll(storage)
    const rootKeyId = await findRootKeyId(storage)
    if (rootKeyId === undefined) {
      throw new OperatorError(
        `The installation in ${place.directory} was not finished. Nothing was ever stored in it: remove the directory and run keyhold init again.`,
      )
    }
    if (rootKeyId !== rootKey.id) {
      throw new OperatorError(
        `${place.rootKeyFile} is not the root key of this database: it was made with root key ${rootKeyId}.`,
      )
    }
    return { storage, rootKey }
  } catch (error) {
    await storage.close()
    throw error
  }
}

function openPlace({ directory, database }: Place): Promise<Storage> {
  return openStorage(
    database === undefined
      ? { sqliteFile: join(directory, 'keyhold.db') }
      : { postgresUrl: database },
  )
}

async function migrateAll(storage: Storage): Promise<void> {
  await migrate(storage, [
    installationMigration,
    ...iamMigrations,
    ...trailMigrations,
    ...services.flatMap((service) => service.migrations),
  ])
}

function writeCredentials({ credentialsFile }: Place, credentials: Credentials): void {
  rmSync(credentialsFile, { force: true })
  writeFileSync(credentialsFile, `${JSON.stringify(credentials, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  })
  chmodSync(credentialsFile, 0o600)
}
