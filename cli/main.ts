// The keyhold command: operator programs are the server's own; the rest reaches it through its API.
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { addAccountCommands } from './accounts.ts'
import { addBackupCommand } from './backup.ts'
import { addClockCommands } from './clock.ts'
import { printEnvironment } from './environment.ts'
import { inheritedStreams } from './inherited-streams.mjs'
import { addKeyCommands } from './keys.ts'
import { CommandError } from './operator-client.ts'
import { addPolicyCommands } from './policies.ts'
import { addSealCommands } from './seals.ts'
import { askNewSecret } from './secret-prompt.ts'
import { SERVER_NODE_FLAGS, serverEnvironment } from './server-environment.ts'
import { onServer } from './server-options.ts'
import { addTrailCommands } from './trail.ts'

const SERVER = fileURLToPath(new URL('../server/main.mjs', import.meta.url))

/** The exit code where nothing was done; 1 is a verdict, such as that of `trail verify`. */
const REFUSED = 2

const program = new Command('keyhold')
  .description('A self-hosted key management service that speaks the AWS KMS API.')
  .exitOverride()
  .showHelpAfterError('(keyhold --help tells what there is)')
  .addHelpText(
    'after',
    `
Examples:
  keyhold serve                                    # a first server, on this machine only
  eval "$(keyhold env)"                            # its credentials, for the AWS CLI and SDKs
  aws --endpoint-url http://127.0.0.1:8480 kms create-key
  keyhold trail verify --data ./keyhold-data`,
  )

for (const [name, description] of [
  ['serve', 'serve the AWS KMS API'],
  ['init', 'make a new installation'],
  ['restore', 'restore a backup into an empty place'],
  ['migrate', 'bring the database up to this release; finish an upgrade'],
  ['doctor', 'say what is wrong here, and what to do'],
] as const) {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .helpCommand(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => runServerProgram())
}

onServer(program.command('env'), 'directory of the installation')
  .description('print the first account’s credentials as shell variables')
  .addHelpText('after', '\nExample:\n  eval "$(keyhold env --data /var/lib/keyhold)"\n')
  .action((options) => printEnvironment(options.data, options.output === 'json'))

addAccountCommands(program)
addBackupCommand(program)
addSealCommands(program)
addClockCommands(program)
addKeyCommands(program)
addTrailCommands(program, runServerProgram)
addPolicyCommands(program, runServerProgram)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : REFUSED)
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`keyhold: ${error.message}\n`)
  process.exitCode = REFUSED
}

/** Runs the server's program in our place, with our arguments, streams, signals and exit code. */
async function runServerProgram(further: readonly string[] = []): Promise<void> {
  const args = [...process.argv.slice(2), ...further]
  const passphrase = asksForPassphrase(args)
    ? await askNewSecret('Passphrase for the seal')
    : undefined
  const given = passphrase === undefined ? args : [...args, '--passphrase-fd', '3']
  const stdio = passphrase === undefined ? inheritedStreams(args) : [0, 1, 2, 'pipe' as const]
  const options = { stdio, env: serverEnvironment() }
  const child = spawn(process.execPath, [...SERVER_NODE_FLAGS, SERVER, ...given], options)
  if (passphrase !== undefined) {
    const pipe = child.stdio[3] as Writable
    pipe.on('error', () => {})
    pipe.end(passphrase, () => passphrase.fill(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** Whether `init` is to seal with a passphrase that a person is there to type. */
function asksForPassphrase(args: readonly string[]): boolean {
  const seal = args.flatMap((arg, at) => (arg === '--seal' ? [args[at + 1]] : arg.split('--seal=')))
  return (
    args[0] === 'init' &&
    (seal.includes('passphrase') || process.env.KEYHOLD_SEAL === 'passphrase') &&
    !args.some((arg) => arg.startsWith('--passphrase-fd')) &&
    !args.includes('--help')
  )
}
