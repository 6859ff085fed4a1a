// keyhold policy, keyhold access: writing key policies and looking them over is the server program's
// work; what they mean for real principals only a running server knows.
import type { Command } from 'commander'
import { callOperator } from './operator-client.ts'
import { onServer } from './server-options.ts'

type Texts = Readonly<Record<string, string>>
type Options = { readonly data: string; readonly output: string }
type Explained = {
  readonly Allowed: boolean
  readonly Message?: string
  readonly DecidedBy?: string
  readonly Layers: readonly Texts[]
  readonly Statements: readonly Texts[]
}

/** `run` runs the server's program with the arguments this command was given. */
export function addPolicyCommands(program: Command, run: () => Promise<void>): void {
  const policy = program.command('policy').description('key policies')
  for (const [name, description] of [
    ['generate', 'print a key policy: default, narrower or least-privilege'],
    ['lint', 'say in plain words what a key policy does that was hardly meant'],
  ] as const) {
    policy
      .command(name)
      .description(`${description} (--help tells the options)`)
      .helpOption(false)
      .helpCommand(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => run())
  }
  onServer(policy.command('explain'))
    .description('why a principal may, or may not, do something: which statement or grant decides')
    .requiredOption('--principal <arn>', 'a user, a role or the root user of an account')
    .requiredOption('--action <action>', 'such as kms:Decrypt')
    .option('--key <arn>', 'the key, or an alias of it')
    .option('--resource <arn>', 'what is acted on, where that is no key')
    .option('--context <key=value...>', 'condition keys that the request is supposed to have')
    .addHelpText(
      'after',
      `
Exits 1 where it is denied.

Example:
  keyhold policy explain --principal arn:aws:iam::111122223333:role/app --action kms:Decrypt \\
    --key arn:aws:kms:us-east-1:111122223333:alias/app --context kms:EncryptionContext:tenant=a
`,
    )
    .action(async (options: Options & { [name: string]: string & string[] }) => {
      const answer = (await callOperator(options.data, 'ExplainAccess', {
        Principal: options.principal,
        Action: options.action,
        Resource: options.key ?? options.resource ?? '*',
        ...(options.context && { Context: options.context }),
      })) as Explained
      print(options.output === 'json' ? JSON.stringify(answer) : explained(answer))
      process.exitCode = answer.Allowed ? 0 : 1
    })
  onServer(program.command('access').description('who may do what').command('report'))
    .description('who, in which account, can do what with a key, and through what')
    .requiredOption('--key <arn>', 'the key, or an alias of it')
    .option('--actions', 'action by action, instead of capability by capability')
    .addHelpText(
      'after',
      `
Decided for a plain request: "with" names condition keys that a request would need besides.

Example:
  keyhold access report --key arn:aws:kms:us-east-1:111122223333:alias/app
`,
    )
    .action(
      async ({ data, output, key, actions }: Options & { key: string; actions?: boolean }) => {
        const answer = await callOperator(data, 'ReportAccess', {
          Key: key,
          Actions: actions === true,
        })
        const principals = answer.Principals as readonly Texts[]
        print(output === 'json' ? JSON.stringify(principals) : reported(principals))
      },
    )
}

function explained({ Allowed, Message, DecidedBy, Layers, Statements }: Explained): string {
  const verdict = Allowed ? 'ALLOWED' : 'DENIED'
  const told = Message === undefined ? [] : [`The caller is told: ${Message}`]
  const layers = Layers.map(
    ({ Layer, Outcome, Statement, NamedAs, Grants }) =>
      `  ${Layer} policies: ${Outcome}${[
        Statement,
        NamedAs && `names the caller as ${NamedAs}`,
        Grants,
      ]
        .filter((part) => part !== undefined)
        .map((part) => `, ${part}`)
        .join('')}`,
  )
  const statements = Statements.flatMap(({ Layer, Statement, Effect, Matches, ...parts }) => [
    `  ${Matches === 'true' ? '✓' : '✗'} ${Effect} ${Layer}: ${Statement}`,
    `      ${Object.entries(parts)
      .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
      .join(', ')}`,
  ])
  return [
    `${verdict}${DecidedBy === undefined ? '' : ` by ${DecidedBy}`}`,
    ...told,
    'Asked, in this order:',
    ...layers,
    'Statements:',
    ...(statements.length === 0 ? ['  none'] : statements),
  ].join('\n')
}

function reported(principals: readonly Texts[]): string {
  if (principals.length === 0) {
    return 'Nobody can do anything with this key. If it must be used again: keyhold key --help'
  }
  return principals
    .map(({ Principal, ...rest }) =>
      [
        Principal,
        ...Object.entries(rest).map(([name, value]) => `  ${name.padEnd(20)} ${value}`),
      ].join('\n'),
    )
    .join('\n')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
