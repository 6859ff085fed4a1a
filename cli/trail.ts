// keyhold trail key, and what keyhold trail verify needs where the root key is sealed.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { CommandError, callOperator } from './operator-client.ts'
import { onServer } from './server-options.ts'

type Options = { data: string; output: string }

/** `verify` runs the server's program `trail verify` with these further arguments. */
export function addTrailCommands(
  program: Command,
  verify: (further: readonly string[]) => Promise<void>,
): void {
  const trail = program.command('trail').description('the audit trail')
  trail
    .command('verify')
    .description('verify the whole audit trail (--help tells the options)')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => verify(await keyArguments(process.argv.slice(2))))
  onServer(trail.command('key'))
    .description('tell the public key that verifies the trail: keep it elsewhere')
    .addHelpText(
      'after',
      `
Kept where whoever might tamper cannot write, it makes verification independent of the server.

Example:
  keyhold trail key --data /var/lib/keyhold > /elsewhere/trail.pub
  keyhold trail verify --data /var/lib/keyhold --public-key "$(cat /elsewhere/trail.pub)"
`,
    )
    .action(async (options: Options) => {
      const { PublicKey } = await callOperator(options.data, 'GetTrailKey', {})
      const text = options.output === 'json' ? JSON.stringify({ publicKey: PublicKey }) : PublicKey
      process.stdout.write(`${text}\n`)
    })
}

/** Where the root key is sealed, only a running server knows which public key to believe. */
async function keyArguments(args: readonly string[]): Promise<readonly string[]> {
  const directory = optionOf(args, '--data') ?? process.env.KEYHOLD_DATA ?? './keyhold-data'
  const isAsked = optionOf(args, '--public-key') === undefined && !args.includes('--help')
  if (!isAsked || !existsSync(join(directory, 'seal.json'))) return []
  try {
    const { PublicKey } = await callOperator(directory, 'GetTrailKey', {})
    return ['--public-key', String(PublicKey)]
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new CommandError(
      `The root key is sealed, and with it the key that verifies the trail: start the server and unseal it, or give --public-key (keyhold trail key tells it). ${error.message}`,
    )
  }
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`))
  if (at === -1) return undefined
  return args[at] === name ? args[at + 1] : args[at]?.slice(name.length + 1)
}
