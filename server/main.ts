// The server's programs: serve, init, trail verify. Each reads its config, does its work, exits.
import { Command, CommanderError } from 'commander'
import {
  addInitOptions,
  addPlaceOptions,
  addServeOptions,
  OperatorError,
  readInitConfig,
  readPlace,
  readServeConfig,
} from './config.ts'
import { init } from './programs/init.ts'
import { serve } from './programs/serve.ts'
import { verify } from './programs/trail-verify.ts'
import { StorageBusyError } from './storage/storage.ts'

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
      example('keyhold serve --data /var/lib/keyhold --regions eu-west-1,eu-central-1'),
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
  .option('--output <format>', 'text or json', 'text')
  .action((options) => init(readInitConfig(options), options.output === 'json'))

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
  .option('--output <format>', 'text or json', 'text')
  .action(async (options) => {
    process.exitCode = await verify(
      readPlace(options),
      options.checkpoint,
      options.output === 'json',
    )
  })

function example(text: string): string {
  return `\nExample:\n  ${text}\n`
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode)
  if (!(error instanceof OperatorError) && !(error instanceof StorageBusyError)) throw error
  process.stderr.write(`keyhold: ${error.message}\n`)
  process.exit(2)
}
