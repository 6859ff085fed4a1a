// Every flag and environment variable of the server, read once, typed. `docs/operating.md` lists them.
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { TrustedRoot } from './crypto/certification-path.ts'
import { requireSafeDatabaseUrl } from './database-url.ts'
import { readOidcAuthorities } from './gateway/oidc-authorities.ts'
import type { TlsFiles } from './gateway/tls-files.ts'
import {
  addListeningOptions,
  addTlsOptions,
  endpointOf,
  type Listening,
  type ListeningOptions,
  listenOption,
  readAddress,
  readListening,
  readTlsFiles,
  type TlsOptions,
  wholeNumber,
} from './listen-config.ts'
import { readNitroRoots } from './nitro-roots.ts'
import { OperatorError } from './operator-error.ts'
import { readRegions } from './region-list.ts'
import { readSealConfig, type SealConfig } from './seal-config.ts'
import { databaseOption, dataOption, passphraseOption, regionsOption } from './shared-options.ts'

export { endpointOf, isLoopback } from './listen-config.ts'
export { OperatorError } from './operator-error.ts'
export type { SealConfig } from './seal-config.ts'

/** Where an installation keeps its things. */
export type Place = {
  readonly directory: string
  /** The root key itself (file seal). */
  readonly rootKeyFile: string
  /** The root key wrapped by what is not on this machine (other seals). */
  readonly sealFile: string
  readonly credentialsFile: string
  /** The PostgreSQL URL, or nothing for the SQLite file in the directory. Holds a password. */
  readonly database: string | undefined
}

export type ServeConfig = Listening & {
  readonly place: Place
  readonly regions: readonly string[]
  readonly workers: number
  /** The descriptor that holds the passphrase, where nobody is there to type it. */
  readonly passphraseDescriptor: number | undefined
  /** Whether rows without a MAC are believed this once. */
  readonly adoptRows: boolean
  /** Certificates of authorities that vouch for OpenID Connect issuers, PEM. */
  readonly oidcAuthorities: () => readonly string[]
  /** Roots of those who sign attestation documents. */
  readonly nitroRoots: readonly TrustedRoot[]
  readonly logLevel: string
}

export type InitConfig = {
  readonly place: Place
  readonly seal: SealConfig
  /** Whether the credentials are told on standard output instead of written to a file. */
  readonly withoutCredentialsFile: boolean
  readonly account: string
  readonly accessKeyId: string | undefined
  readonly secretAccessKey: string | undefined
  readonly region: string
  readonly endpoint: string
}

export type DoctorConfig = { readonly place: Place; readonly tls: TlsFiles | undefined }

export type MigrateConfig = {
  readonly place: Place
  /** Whether what only this release and later ones live with is applied, too. */
  readonly finish: boolean
}

export type RestoreConfig = {
  readonly place: Place
  /** The backup. */
  readonly from: string
  /** The descriptor that holds the passphrase, or the shares, one on each line. */
  readonly passphraseDescriptor: number | undefined
}

/** A socket's path has at most 103 bytes on every system; `/operator.sock` is 14 of them. */
const MAX_DIRECTORY_BYTES = 103 - 14

/** Adds the options that say which installation a command is about. */
export function addPlaceOptions(command: Command): Command {
  return command.addOption(dataOption()).addOption(databaseOption())
}

export function addServeOptions(command: Command): Command {
  return addListeningOptions(addPlaceOptions(command))
    .addOption(regionsOption())
    .addOption(
      new Option('--workers <count>', 'processes that serve; default: one per core')
        .env('KEYHOLD_WORKERS')
        .argParser(wholeNumber),
    )
    .addOption(passphraseOption())
    .addOption(
      new Option(
        '--adopt-rows',
        'believe rows that are older than MACs, once: only servers ever wrote to this database',
      ),
    )
    .addOption(
      new Option(
        '--oidc-ca <file>',
        "authorities, PEM, that OpenID Connect issuers are trusted by beside the system's own",
      ).env('KEYHOLD_OIDC_CA'),
    )
    .addOption(
      new Option(
        '--nitro-root <file>',
        'root certificates, PEM, of attestation documents; default: Recipient is refused',
      ).env('KEYHOLD_NITRO_ROOT'),
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged')
        .env('KEYHOLD_LOG_LEVEL')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
        .default('info'),
    )
}

export function addInitOptions(command: Command): Command {
  return addPlaceOptions(command)
    .addOption(
      new Option('--account-id <digits>', 'the first account')
        .env('KEYHOLD_ACCOUNT_ID')
        .default('111122223333'),
    )
    .addOption(
      new Option('--access-key-id <id>', "the root user's access key; default: a new one").env(
        'KEYHOLD_ACCESS_KEY_ID',
      ),
    )
    .addOption(
      new Option('--secret-access-key <secret>', 'its secret; default: a new one').env(
        'KEYHOLD_SECRET_ACCESS_KEY',
      ),
    )
    .addOption(
      new Option('--seal <kind>', 'how the root key is sealed')
        .env('KEYHOLD_SEAL')
        .choices(['file', 'passphrase', 'shares'])
        .default('file'),
    )
    .addOption(passphraseOption())
    .addOption(
      new Option('--shares <count>', 'shares to make (with --seal shares)')
        .argParser(wholeNumber)
        .default(5),
    )
    .addOption(
      new Option('--threshold <count>', 'shares that unseal').argParser(wholeNumber).default(3),
    )
    .addOption(new Option('--no-credentials-file', 'tell the credentials on standard output, once'))
    .addOption(listenOption())
    .addOption(regionsOption())
}

export function addDoctorOptions(command: Command): Command {
  return addTlsOptions(addPlaceOptions(command))
}

export function addMigrateOptions(command: Command): Command {
  return addPlaceOptions(command).addOption(
    new Option(
      '--finish',
      'apply what older releases cannot live with; refused while one of them runs',
    ),
  )
}

export function addRestoreOptions(command: Command): Command {
  return addPlaceOptions(command)
    .addOption(new Option('--from <file>', 'the backup').makeOptionMandatory())
    .addOption(
      new Option(
        '--passphrase-fd <number>',
        'descriptor with the passphrase, or with the shares, one on each line',
      ).argParser(wholeNumber),
    )
}

type PlaceOptions = { data: string; database?: string }
type ServeOptions = PlaceOptions &
  ListeningOptions & {
    regions: string
    workers?: number
    passphraseFd?: number
    adoptRows?: boolean
    oidcCa?: string
    nitroRoot?: string
    logLevel: string
  }
type InitOptions = PlaceOptions & {
  accountId: string
  accessKeyId?: string
  secretAccessKey?: string
  seal?: string
  passphraseFd?: number
  shares?: number
  threshold?: number
  credentialsFile?: boolean
  listen: string
  regions: string
}

export function readPlace(options: PlaceOptions): Place {
  if (options.database !== undefined) requireSafeDatabaseUrl(options.database)
  const directory = resolve(options.data)
  if (Buffer.byteLength(directory) > MAX_DIRECTORY_BYTES) {
    throw new OperatorError(
      `--data ${directory} is too long for the operator socket in it: a path of at most ${MAX_DIRECTORY_BYTES} bytes.`,
    )
  }
  return {
    directory,
    rootKeyFile: join(directory, 'root.key'),
    sealFile: join(directory, 'seal.json'),
    credentialsFile: join(directory, 'credentials.json'),
    database: options.database,
  }
}

export function readServeConfig(options: ServeOptions): ServeConfig {
  const workers = options.workers ?? availableParallelism()
  if (workers < 1 || workers > 256) throw new OperatorError('--workers is between 1 and 256.')
  return {
    ...readListening(options),
    place: readPlace(options),
    regions: readRegions(options.regions),
    workers,
    passphraseDescriptor: options.passphraseFd,
    adoptRows: options.adoptRows === true,
    oidcAuthorities: readOidcAuthorities(options.oidcCa),
    nitroRoots: readNitroRoots(options.nitroRoot),
    logLevel: options.logLevel,
  }
}

export function readInitConfig(options: InitOptions): InitConfig {
  const { accountId, accessKeyId, secretAccessKey } = options
  if (!/^[0-9]{12}$/.test(accountId) || accountId === '000000000000') {
    throw new OperatorError('--account-id has twelve digits, not all of them zero.')
  }
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new OperatorError(
      '--access-key-id and --secret-access-key belong together: give both or none.',
    )
  }
  if (accessKeyId !== undefined && !/^[A-Z0-9]{16,128}$/.test(accessKeyId)) {
    throw new OperatorError('--access-key-id has 16 to 128 capital letters and digits.')
  }
  if (secretAccessKey !== undefined && !/^[\x21-\x7e]{16,128}$/.test(secretAccessKey)) {
    throw new OperatorError('--secret-access-key has 16 to 128 printable characters.')
  }
  const { host, port } = readAddress('--listen', options.listen)
  return {
    place: readPlace(options),
    seal: readSealConfig(options),
    withoutCredentialsFile: options.credentialsFile === false,
    account: accountId,
    accessKeyId,
    secretAccessKey,
    region: readRegions(options.regions)[0] as string,
    endpoint: endpointOf(host, port, false),
  }
}

export function readDoctorConfig(options: PlaceOptions & TlsOptions): DoctorConfig {
  return { place: readPlace(options), tls: readTlsFiles(options) }
}

export function readMigrateConfig(options: PlaceOptions & { finish?: boolean }): MigrateConfig {
  return { place: readPlace(options), finish: options.finish === true }
}

export function readRestoreConfig(
  options: PlaceOptions & { from: string; passphraseFd?: number },
): RestoreConfig {
  return {
    place: readPlace(options),
    from: resolve(options.from),
    passphraseDescriptor: options.passphraseFd,
  }
}
