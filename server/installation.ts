// An installation: its directory, database and root key; made once, then opened.
import { isUtf8 } from 'node:buffer'
import {
  chmodSync,
  closeSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type InitConfig, OperatorError, type Place, type SealConfig } from './config.ts'
import { makePrivateDirectory, requirePrivateDirectory } from './data-directory.ts'
import {
  findRootKeyId,
  insertInstallation,
  installationMigration,
  rootKeyGenerationMigration,
  takeRootKeyId,
  UNFINISHED_RESTORE,
} from './installation-store.ts'
import { makeSeal, putSeal, type SealChoice } from './operator/seal-control.ts'
import { findStagedSeal, settleStagedSeal } from './operator/seal-succession.ts'
import { jobsMigration } from './pipeline/jobs/jobs.ts'
import { newRootKey, readRootKeyFile } from './seal/file-seal.ts'
import { MAX_PASSPHRASE_BYTES, MIN_PASSPHRASE_BYTES } from './seal/passphrase-seal.ts'
import type { RootKey } from './seal/root-key.ts'
import { readSealDocument } from './seal/seal-document.ts'
import { alreadyUnsealed, startUnsealing, type Unsealing } from './seal/unsealing.ts'
import { findTrailKey, trailMigrations } from './services/cloudtrail/service.ts'
import { newAccessKey } from './services/iam/access-key-directory.ts'
import { accountDirectory } from './services/iam/account-directory.ts'
import { services } from './services.ts'
import { lockDirectory } from './storage/directory-lock.ts'
import { type Migration, migrate, openStorage, type Storage } from './storage/storage.ts'

export type Installation = { readonly storage: Storage; readonly rootKey: RootKey }

/** What `credentials.json` holds: the root user's access key of the first account. */
export type Credentials = {
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly endpoint: string
}

const LAST_STANDARD_STREAM = 2

/** Whether there is nothing at the place yet, so that an installation may be made there. */
export function isEmptyPlace({ directory }: Place): boolean {
  return !existsSync(directory) || readdirSync(directory).every((name) => name.startsWith('lock'))
}

/** Makes an installation with its first account; refuses where there is one already. */
export async function initialise(
  config: InitConfig,
): Promise<{ credentials: Credentials; shares: readonly string[] }> {
  const { place } = config
  // Asked for first: where it is refused, nothing was made yet.
  const sealChoice = readSealChoice(config.seal)
  requireNoSeal(place)
  makePrivateDirectory(place.directory)
  const unlock = lockDirectory(place.directory)
  try {
    // Once more: another init may have been faster.
    requireNoSeal(place)
    return await makeInstallation(config, sealChoice)
  } finally {
    unlock()
  }
}

function requireNoSeal({ directory, rootKeyFile, sealFile }: Place): void {
  if (!existsSync(rootKeyFile) && !existsSync(sealFile)) return
  throw new OperatorError(
    `${directory} is an installation already. Start it with: keyhold serve --data ${directory}`,
  )
}

async function makeInstallation(
  config: InitConfig,
  sealChoice: SealChoice,
): Promise<{ credentials: Credentials; shares: readonly string[] }> {
  const { place, account } = config
  const storage = await openPlace(place)
  try {
    await migrateAll(storage)
    if ((await findRootKeyId(storage)) !== undefined) {
      throw new OperatorError(
        'This database is an installation already, made with another root key. To add a server to it, copy root.key (or seal.json) of that installation into --data and run: keyhold serve',
      )
    }
    const { accessKeyId, secretAccessKey } = config
    const accessKey =
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey }
        : newAccessKey(account)
    const credentials: Credentials = {
      accountId: account,
      ...accessKey,
      region: config.region,
      endpoint: config.endpoint,
    }
    const rootKey = newRootKey()
    const seal = await makeSeal(rootKey, sealChoice)
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

/** Throws where there is no installation, or others may change it, before anything is written. */
export function requireSeal({ directory, rootKeyFile, sealFile }: Place): void {
  requirePrivateDirectory(directory)
  if (existsSync(rootKeyFile) || existsSync(sealFile)) return
  throw new OperatorError(
    `There is no installation in ${directory}: it holds neither root.key nor seal.json. Make one with: keyhold init --data ${directory}`,
  )
}

/**
 * How the root key of the place is sealed, and what is known of it so far. The seal file counts for as
 * long as it is there. Changes nothing: a server may be running on the place, and changing its seal.
 */
export function beginUnsealing(place: Place): Unsealing {
  requireSeal(place)
  const file = existsSync(place.sealFile) ? place.sealFile : place.rootKeyFile
  try {
    return file === place.sealFile
      ? startUnsealing(readSealDocument(file))
      : alreadyUnsealed(readRootKeyFile(file))
  } catch (error) {
    throw new OperatorError(
      `${file} cannot be used: ${(error as Error).message} If it is damaged, put a copy of it in its place.`,
    )
  }
}

/** Opens the database of an installation, brought up to this release. */
export async function openDatabase(place: Place): Promise<Storage> {
  requireSeal(place)
  const storage = await openPlace(place)
  try {
    await migrateAll(storage)
    const rootKeyId = await findRootKeyId(storage)
    if (rootKeyId === undefined) {
      throw new OperatorError(
        `The installation in ${place.directory} was not finished: keyhold init, or keyhold restore, was interrupted. After an init nothing was ever stored in it: remove the directory and run it again. For a restore keep root.key or seal.json, remove the rest, and run it again.`,
      )
    }
    if (rootKeyId === UNFINISHED_RESTORE) {
      throw new OperatorError(
        `A restore into ${place.database === undefined ? place.directory : 'this database'} was interrupted: it holds a part of the backup. ${place.database === undefined ? 'Remove all but root.key or seal.json from the directory' : 'Make a new database'} and run keyhold restore again.`,
      )
    }
    return storage
  } catch (error) {
    await storage.close()
    throw error
  }
}

/**
 * Ends a rotation of the root key that was interrupted: of two seals the one stays whose root key the
 * database goes by. The owner of the directory calls it, before anything is unsealed.
 */
export async function settleRotation(storage: Storage, place: Place): Promise<void> {
  if (findStagedSeal(place) === undefined) return
  // A database that was still committing for a killed server has done so once this has its turn.
  const id = await storage.write((tx) => takeRootKeyId(tx, storage.dialect))
  if (id !== undefined) settleStagedSeal(place, id)
}

/** Throws where the database was made with another root key than the one with this id. */
export async function requireRootKeyId(storage: Storage, id: string): Promise<void> {
  const rootKeyId = await findRootKeyId(storage)
  if (rootKeyId !== id) {
    throw new OperatorError(
      `This is not the root key of this database: it was made with root key ${rootKeyId}, and this one is ${id}. If the root key was rotated on another server since, copy root.key (or seal.json) from there.`,
    )
  }
}

/** Throws where the root key is not the one that this database was made with. */
export async function requireRootKey(storage: Storage, rootKey: RootKey): Promise<void> {
  await requireRootKeyId(storage, rootKey.id)
  try {
    // The id is public, so that another key could claim it: what was wrapped is not to be deceived.
    await findTrailKey({ storage, rootKey })
  } catch (error) {
    if (!(error as Error).message.startsWith('needs: ')) throw error
    throw new OperatorError(
      `This is not the root key of this database: it has the id ${rootKey.id} of the right one, but does not open what that sealed.`,
    )
  }
}

/** Opens an installation whose root key lies in a file. */
export async function openInstallation(place: Place): Promise<Installation> {
  const { kind, sealed } = beginUnsealing(place).progress()
  if (sealed) {
    throw new OperatorError(
      `The installation in ${place.directory} is sealed by ${kind}, and this needs its root key.`,
    )
  }
  const storage = await openDatabase(place)
  try {
    // A server that rotates its root key at this moment has two in files: the database knows which counts.
    const staged = findStagedSeal(place)
    const isNext = staged !== undefined && staged.rootKeyId === (await findRootKeyId(storage))
    const rootKey = isNext ? readRootKeyFile(staged.file) : await beginUnsealing(place).rootKey
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
  const { length } = passphrase
  if (length >= MIN_PASSPHRASE_BYTES && length <= MAX_PASSPHRASE_BYTES) {
    return { kind: 'passphrase', passphrase }
  }
  passphrase.fill(0)
  throw new OperatorError(
    length < MIN_PASSPHRASE_BYTES
      ? `The passphrase has at least ${MIN_PASSPHRASE_BYTES} characters; six random words are good.`
      : `The passphrase has at most ${MAX_PASSPHRASE_BYTES} bytes.`,
  )
}

/** The passphrase that stands on the descriptor, without the newline that may end it; closes that. */
export function readPassphrase(descriptor: number): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(descriptor)
    if (descriptor > LAST_STANDARD_STREAM) closeSync(descriptor)
  } catch (error) {
    throw new OperatorError(
      `--passphrase-fd ${descriptor} cannot be read (${(error as NodeJS.ErrnoException).code}): open it with ${descriptor}< file.`,
    )
  }
  const passphrase = Buffer.from(bytes.subarray(0, bytes.at(-1) === 0x0a ? -1 : undefined))
  bytes.fill(0)
  if (isUtf8(passphrase)) return passphrase
  passphrase.fill(0)
  // Typed or sent as text it would be another one.
  throw new OperatorError('The passphrase is text (UTF-8): encode random bytes, in base64 say.')
}

/** Opens the database of the place, whatever is in it. */
export async function openPlace({ directory, database }: Place): Promise<Storage> {
  requirePrivateDirectory(directory)
  return openStorage(
    database === undefined
      ? { sqliteFile: join(directory, 'keyhold.db') }
      : { postgresUrl: database },
  )
}

async function migrateAll(storage: Storage): Promise<void> {
  await migrate(storage, allMigrations())
}

/** The migrations of this release. */
export function allMigrations(): readonly Migration[] {
  return [
    installationMigration,
    rootKeyGenerationMigration,
    ...trailMigrations,
    jobsMigration,
    ...services.flatMap((service) => service.migrations),
  ]
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
