// keyhold unseal, keyhold seal status|migrate|rekey|rotate-domain|rotate-root
import { type Command, Option } from 'commander'
import { CommandError, callOperator } from './operator-client.ts'
import { addRotateRoot } from './rotate-root.ts'
import { common, type Options, print, secretOf, tell, wholeNumber } from './seal-options.ts'
import { askForEnter, askNewSecret, askSecret } from './secret-prompt.ts'
import { onServer } from './server-options.ts'

type SealStatus = {
  Kind: string
  Sealed: boolean
  Given: number
  Needed: number
  Failures: number
  RootKeyId?: string
  Generation?: number
}
type NewSealOptions = Options & { to?: string; shares?: string; threshold?: string }

export function addSealCommands(program: Command): void {
  common(program.command('unseal').description('give a sealed server its passphrase or one share'))
    .option('--reset', 'forget the shares given so far, and give none')
    .addHelpText(
      'after',
      `
Each keeper of a share runs this once; the server is unsealed when enough of them did.

Examples:
  keyhold unseal
  keyhold unseal --passphrase-fd 3 3< /run/credentials/passphrase
`,
    )
    .action(async (options: Options & { reset?: boolean }) => {
      const before = await status(options)
      if (!before.Sealed) return print(options, before, 'The server is not sealed.')
      if (options.reset) {
        return report(options, await callOperator(options.data, 'Unseal', { Reset: true }))
      }
      const isShares = before.Kind === 'shares'
      const question = isShares ? `Share ${before.Given + 1} of ${before.Needed}` : 'Passphrase'
      const secret = await secretOf(options, () => askSecret(question))
      const text = secret.toString('utf8')
      secret.fill(0)
      const piece = isShares ? { Share: text } : { Passphrase: text }
      return report(options, await callOperator(options.data, 'Unseal', piece))
    })

  const seal = program.command('seal').description('how the root key of a server is sealed')
  onServer(seal.command('status').description('tell the seal, and how far unsealing got'))
    .addHelpText('after', '\nExample:\n  keyhold seal status --output json\n')
    .action(async (options: Options) => report(options, await status(options)))
  newSeal(seal.command('migrate').description('seal the same root key in another way'))
    .addOption(
      new Option('--to <kind>', 'the new seal')
        .choices(['file', 'passphrase', 'shares'])
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      '\nExample:\n  keyhold seal migrate --to shares --shares 5 --threshold 3\n',
    )
    .action((options: NewSealOptions) => reseal(options, options.to as string))
  newSeal(
    seal
      .command('rekey')
      .description('a new passphrase, or a new set of shares; the old ones no longer unseal'),
  )
    .addHelpText(
      'after',
      `
A lost share is replaced by a new set: enough of the old keepers unseal, all keepers get new shares.
Copies of the old seal.json can still be opened with the old secrets: destroy them.

Example:
  keyhold seal rekey --shares 5 --threshold 3
`,
    )
    .action(async (options: NewSealOptions) => {
      const { Kind } = await status(options)
      if (Kind === 'file') {
        throw new CommandError(
          'The root key lies in a file, so there is no passphrase and no share to replace: keyhold seal rotate-root makes another root key, keyhold seal migrate another seal.',
        )
      }
      if (Kind === 'shares' && (options.shares === undefined || options.threshold === undefined)) {
        throw new CommandError('Say how many shares there will be: --shares 5 --threshold 3.')
      }
      await reseal(options, Kind)
    })
  addRotateDomain(seal)
  addRotateRoot(common(seal.command('rotate-root')))
}

/** New domain keys: the layer between the root key and the material of keys. */
function addRotateDomain(seal: Command): void {
  onServer(
    seal
      .command('rotate-domain')
      .description('make new domain keys, which wrap key material made from now on'),
  )
    .option('--region <name>', 'default: every Region')
    .addHelpText('after', '\nExample:\n  keyhold seal rotate-domain --region eu-west-1\n')
    .action(async (options: Options & { region?: string }) => {
      const input = options.region === undefined ? {} : { Region: options.region }
      const answer = await callOperator(options.data, 'RotateDomainKeys', input)
      const keys = answer.DomainKeys as { Region: string; Generation: string }[]
      const lines = keys.map(({ Region, Generation }) => `${Region}  generation ${Generation}`)
      await print(options, answer, lines.join('\n'))
    })
}

async function reseal(options: NewSealOptions, kind: string): Promise<void> {
  const input: Record<string, unknown> = { Kind: kind }
  if (kind === 'passphrase') {
    const secret = await secretOf(options, () => askNewSecret('New passphrase'))
    input.Passphrase = secret.toString('utf8')
    secret.fill(0)
  }
  if (kind === 'shares') {
    input.Shares = wholeNumber(options.shares ?? '5', '--shares')
    input.Threshold = wholeNumber(options.threshold ?? '3', '--threshold')
  }
  const { Shares, Set: set } = await callOperator(options.data, 'MigrateSeal', input)
  if (set === undefined) {
    return print(options, { Kind: kind }, `The root key is now sealed: ${kind}.`)
  }
  await tell(
    options.output === 'json'
      ? JSON.stringify({ Kind: kind, Shares, Set: set })
      : `${(Shares as string[]).join('\n')}\n\n${input.Threshold} of these unseal it. Give each to another person, now: they are shown once and kept nowhere.\n`,
  )
  // Until here the old seal counts: shares that nobody has must not become the only way.
  if (process.stdin.isTTY && options.output !== 'json') {
    await askForEnter('Press Enter once all of them are kept; Ctrl-C leaves the old seal in place')
  }
  await callOperator(options.data, 'ConfirmSeal', { Set: set })
  if (options.output !== 'json') await tell('The root key is now sealed: shares.')
}

function newSeal(command: Command): Command {
  return common(command)
    .option('--shares <count>', 'shares to make')
    .option('--threshold <count>', 'shares that unseal')
}

async function status(options: Options): Promise<SealStatus> {
  return (await callOperator(options.data, 'GetSealStatus', {})) as SealStatus
}

function report(options: Options, answer: Record<string, unknown>): Promise<void> {
  const { Kind, Sealed, Given, Needed, RootKeyId, Generation } = answer as SealStatus
  const rootKey =
    Generation === undefined ? '' : `\nRoot key ${RootKeyId}, generation ${Generation}.`
  if (!Sealed) return print(options, answer, `Unsealed (seal: ${Kind}).${rootKey}`)
  if (Kind === 'shares') {
    return print(options, answer, `Sealed: ${Given} of ${Needed} shares given.`)
  }
  return print(options, answer, `Sealed (seal: ${Kind}).`)
}
