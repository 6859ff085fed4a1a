// An installation: its directory, database and root key; made once, then opened.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type InitConfig, OperatorError, type Place, type SealConfig } from './config.ts'
import { findRootKeyId, insertInstallation, installationMigration } from './installation-store.ts'
import { makeSeal, putSeal, type SealChoice } from './operator/seal-control.ts'
import { newRootKey, readRootKeyFile } from './seal/file-seal.ts'
import { MIN_PASSPHRASE_BYTES } from './seal/passphrase-seal.ts'
import type { RootKey } from './seal/root-key.ts'
import { readSealDocument } from './seal/seal-document.ts'
import { alreadyUnsealed, startUnsealing, type Unsealing } from './seal/unsealing.ts'
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
export async function initialise(
  config: InitConfig,
): Promise<{ credentials: Credentials; shares: readonly string[] }> {
  const { place, account } = config
  if (existsSync(place.rootKeyFile) || existsSync(place.sealFile)) {
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
    const rootKey = newRootKey()
    const seal = await makeSeal(rootKey, readSealChoice(config.seal))
    putSeal(place, rootKey, seal)
    // Written before the installation counts as made: whoever has an installation has its credentials.
    if (!config.withoutCredentialsFile) writeCredentials(place, credentials)
    await storage.write(async (tx) => {
      await insertInstallation(tx, rootKey.id)
      const accounts = accountDirectory(storage, rootKey)
      await accounts.insert(tx, account)
      await accounts.insertRootAccessKey(tx, account, accessKey)
    })
    return { credentials, shares: seal.shares }
  } finally {
    await storage.close()
  }
}

/** Throws where there is no installation, before anything is written. */
export function requireSeal({ directory, rootKeyFile, sealFile }: Place): void {
  if (existsSync(rootKeyFile) || existsSync(sealFile)) return
  throw new OperatorError(
    `There is no installation in ${directory}: it holds neither root.key nor seal.json. Make one with: keyhold init --data ${directory}`,
  )
}

/** How the root key of the place is sealed, and what is known of it so far. */
export function beginUnsealing(place: Place): Unsealing {
  requireSeal(place)
  if (!existsSync(place.sealFile)) return alreadyUnsealed(readRootKeyFile(place.rootKeyFile))
  // Left where a change of seal was interrupted: the seal file counts.
  rmSync(place.rootKeyFile, { force: true })
  return startUnsealing(readSealDocument(place.sealFile))
}

/** Opens the database of an installation, brought up to this release. */
export async function openDatabase(place: Place): Promise<Storage> {
  requireSeal(place)
  const storage = await openPlace(place)
  try {
    await migrateAll(storage)
    if ((await findRootKeyId(storage)) === undefined) {
      throw new OperatorError(
        `The installation in ${place.directory} was not finished. Nothing was ever stored in it: remove the directory and run keyhold init again.`,
      )
    }
    return storage
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** Throws where the root key is not the one that this database was made with. */
export async function requireRootKey(storage: Storage, rootKey: RootKey): Promise<void> {
  const rootKeyId = await findRootKeyId(storage)
  if (rootKeyId !== rootKey.id) {
    throw new OperatorError(
      `This is not the root key of this database: it was made with root key ${rootKeyId}, and this one is ${rootKey.id}.`,
    )
  }
}

/** Opens an installation whose root key lies in a file. */
export async function openInstallation(place: Place): Promise<Installation> {
  const unsealing = beginUnsealing(place)
  if (unsealing.progress().sealed) {
    throw new OperatorError(
      `The installation in ${place.directory} is sealed; this needs its root key.`,
    )
  }
  const storage = await openDatabase(place)
  try {
    const rootKey = await unsealing.rootKey
    await requireRootKey(storage, rootKey)
    return { storage, rootKey }
  } catch (error) {
    await storage.close()
    throw error
  }
}

function readSealChoice(config: SealConfig): SealChoice {
  if (config.kind !== 'passphrase') return config
  const passphrase = readPassphrase(config.descriptor)
  if (passphrase.length < MIN_PASSPHRASE_BYTES) {
    throw new OperatorError(
      `The passphrase has at least ${MIN_PASSPHRASE_BYTES} characters; six random words are good.`,
    )
  }
  return { kind: 'passphrase', passphrase }
}

/** The passphrase that stands on the descriptor, without the newline that may end it. */
export function readPassphrase(descriptor: number): Buffer {
  const bytes = readFileSync(descriptor)
  const passphrase = Buffer.from(bytes.subarray(0, bytes.at(-1) === 0x0a ? -1 : undefined))
  bytes.fill(0)
  return passphrase
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
