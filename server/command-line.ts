// The server's programs: serve, init, restore, migrate, doctor, trail verify. Each reads its config, does its work, exits.
import { Command, CommanderError } from 'commander'
import {
  addDoctorOptions,
  addInitOptions,
  addMigrateOptions,
  addPlaceOptions,
  addRestoreOptions,
  addServeOptions,
  OperatorError,
  readDoctorConfig,
  readInitConfig,
  readMigrateConfig,
  readPlace,
  readRestoreConfig,
  readServeConfig,
} from './config.ts'
import { findFault } from './fault.ts'
import { outputOption } from './output-option.ts'
import { doctor } from './programs/doctor.ts'
import { hardenProcess } from './programs/hardening.ts'
import { init } from './programs/init.ts'
import { migrate } from './programs/migrate.ts'
import { addPolicyCommands } from './programs/policy-commands.ts'
import { restore } from './programs/restore.ts'
import { serve } from './programs/serve.ts'
import { verify } from './programs/trail-verify.ts'
import { DirectoryInUseError } from './storage/directory-lock.ts'
import {
  DatabaseUnreachableError,
  SchemaVersionError,
  StorageBusyError,
} from './storage/storage.ts'

/** Exit codes: trying again changes nothing; it may help. */
const REFUSED = 2
const UNREACHABLE = 3

const program = new Command('keyhold')
  .description('The Keyhold server.')
  .exitOverride()
  .configureHelp({ showGlobalOptions: false })

addServeOptions(
  program
    .command('serve')
    .description(
      'Serve the AWS KMS API. Makes a new installation only in an empty local directory, on a loopback address, without --database.',
    )
    .addHelpText(
      'after',
      example(
        'keyhold serve --data /var/lib/keyhold --regions eu-west-1,eu-central-1\n  keyhold serve --listen 0.0.0.0:8480 --tls-cert cert.pem --tls-key key.pem --client-ca clients.pem\n  keyhold serve --listen 10.0.0.5:8480 --insecure-http --trusted-proxy 10.0.0.0/24 --metrics-listen 127.0.0.1:9480',
      ),
    ),
).action((options) => serve(readServeConfig(options)))

addInitOptions(
  program
    .command('init')
    .description('Make a new installation: root key, first account, credentials of its root user.')
    .addHelpText(
      'after',
      example('keyhold init --data /var/lib/keyhold --account-id 111122223333'),
    ),
)
  .addOption(outputOption())
  .action((options) => init(readInitConfig(options), options.output === 'json'))

addRestoreOptions(
  program
    .command('restore')
    .description(
      'Restore a backup into an empty place: a directory that holds only root.key (or seal.json) of the installation that made it, and an empty database.',
    )
    .addHelpText(
      'after',
      example(
        'install -d -m 700 /var/lib/keyhold && install -m 600 /safe/root.key /var/lib/keyhold/\n  keyhold restore --data /var/lib/keyhold --from /backups/2026-11-21.keyhold\n  KEYHOLD_DATABASE=postgres://… keyhold restore --data /var/lib/keyhold --from /backups/2026-11-21.keyhold',
      ),
    ),
)
  .addOption(outputOption())
  .action((options) => restore(readRestoreConfig(options), options.output === 'json'))

addMigrateOptions(
  program
    .command('migrate')
    .description(
      'Bring the database up to this release, as a start of the server does, and tell who runs on it. With --finish: once all servers are upgraded.',
    )
    .addHelpText(
      'after',
      example(
        'keyhold migrate --data /var/lib/keyhold\n  KEYHOLD_DATABASE=postgres://… keyhold migrate --data /var/lib/keyhold --finish',
      ),
    ),
)
  .addOption(outputOption())
  .action((options) => migrate(readMigrateConfig(options), options.output === 'json'))

addDoctorOptions(
  program
    .command('doctor')
    .description(
      'Look at what a server stands on, change nothing, and say what is wrong and what to do. Exits 1 where anything is.',
    )
    .addHelpText(
      'after',
      example(
        'keyhold doctor --data /var/lib/keyhold\n  keyhold doctor --data /var/lib/keyhold --tls-cert cert.pem --tls-key key.pem --output json',
      ),
    ),
)
  .addOption(outputOption())
  .action(async (options) => {
    process.exitCode = await doctor(readDoctorConfig(options), options.output === 'json')
  })

addPlaceOptions(
  program
    .command('trail')
    .description('The audit trail.')
    .command('verify')
    .description(
      'Verify the whole audit trail: nothing changed, missing or unsigned. Exits 1 where it does not verify.',
    )
    .addHelpText(
      'after',
      example(
        'keyhold trail verify --data /var/lib/keyhold --output json > checkpoint.json\n  keyhold trail verify --data /var/lib/keyhold --checkpoint checkpoint.json',
      ),
    ),
)
  .option('--checkpoint <file>', 'JSON output of an earlier verification, kept elsewhere')
  .option('--public-key <base64>', "the trail's public key, as keyhold trail key told it")
  .addOption(outputOption())
  .action(async (options) => {
    process.exitCode = await verify(readPlace(options), options)
  })

addPolicyCommands(program, example)

function example(text: string): string {
  return `\n${text.includes('\n') ? 'Examples' : 'Example'}:\n  ${text}\n`
}

try {
  hardenProcess()
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : REFUSED)
  if (error instanceof DatabaseUnreachableError) {
    process.stderr.write(
      `keyhold: The database cannot be reached: ${error.message}. Is it running, and does the URL name the right host, user and sslmode? keyhold doctor looks at it.\n`,
    )
    process.exit(UNREACHABLE)
  }
  const isToldPlainly = [
    OperatorError,
    StorageBusyError,
    SchemaVersionError,
    DirectoryInUseError,
  ].some((kind) => error instanceof kind)
  const { code, path, address, port, message } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  const isTaken = code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
  const isAnothers = (code === 'EACCES' || code === 'EPERM') && path !== undefined
  const fault = isAnothers ? 'this user may not' : findFault(error)
  if (!isToldPlainly && !isTaken && fault === undefined) throw error
  const told = isTaken
    ? `${address}:${port} cannot be listened on (${code}): something else uses it, or it is not an address of this machine. Choose another --listen.`
    : isToldPlainly
      ? message
      : `The files cannot be written or read: ${fault} (${message}). keyhold doctor looks at them; nothing is lost by starting again once that is mended.`
  process.stderr.write(`keyhold: ${told}\n`)
  process.exit(REFUSED)
}
