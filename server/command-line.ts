// The server's programs: serve, init, restore, migrate, doctor, trail verify. Each reads its config, does its work,
// exits. A program is loaded when it is run: help and a wrong flag are answered at once.
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
import { outputOption } from './output-option.ts'
import { hardenProcess } from './programs/hardening.ts'
import { addPolicyCommands } from './programs/policy-commands.ts'
import { REFUSED, refuse } from './programs/refusal.ts'

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
).action(async (options) => {
  const config = readServeConfig(options)
  await (await import('./programs/serve.ts')).serve(config)
})

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
  .action(async (options) => {
    const config = readInitConfig(options)
    await (await import('./programs/init.ts')).init(config, options.output === 'json')
  })

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
  .action(async (options) => {
    const config = readRestoreConfig(options)
    await (await import('./programs/restore.ts')).restore(config, options.output === 'json')
  })

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
  .action(async (options) => {
    const config = readMigrateConfig(options)
    await (await import('./programs/migrate.ts')).migrate(config, options.output === 'json')
  })

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
    const config = readDoctorConfig(options)
    const { doctor } = await import('./programs/doctor.ts')
    process.exitCode = await doctor(config, options.output === 'json')
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
    const place = readPlace(options)
    const { verify } = await import('./programs/trail-verify.ts')
    process.exitCode = await verify(place, options)
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
  // Most mistakes are made in a flag, and told before anything else is loaded.
  if (error instanceof OperatorError) refuse(error.message)
  const { endFailed } = await import('./programs/failure.ts')
  endFailed(error)
}
