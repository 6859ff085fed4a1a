// keyhold policy generate, keyhold policy lint: documents in, documents and advice out. No server needed.
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { OperatorError } from '../operator-error.ts'
import { outputOption } from '../output-option.ts'
import { defaultKeyPolicy } from '../services/kms/keys/key-policy.ts'
import { CAPABILITIES, type Capability } from '../services/kms/policies/capabilities.ts'
import {
  leastPrivilegePolicy,
  narrowerPolicy,
  type PolicyJson,
} from '../services/kms/policies/generate.ts'
import { lintKeyPolicy } from '../services/kms/policies/lint.ts'
import type { LintFinding } from '../services/kms/policies/lint-finding.ts'

type Listed = Readonly<Record<string, readonly string[] | undefined>>

const ACCOUNT = '--account <id>'
const IN_ACCOUNT = 'the account that owns the key: twelve digits'
const PRINCIPAL = /^arn:aws[a-z-]*:iam::[0-9*?]+:(root|(user|role)\/.+|\*)$/

/** Adds `policy` with its commands. `example` writes the help's examples. */
export function addPolicyCommands(program: Command, example: (text: string) => string): void {
  const policy = program.command('policy').description('Key policies: write them, look them over.')
  const generate = policy.command('generate').description('Print a key policy.')
  generate
    .command('default')
    .description('The policy a key has that was made without one: IAM decides.')
    .requiredOption(ACCOUNT, IN_ACCOUNT)
    .addHelpText('after', example('keyhold policy generate default --account 111122223333'))
    .action(({ account }) => print(defaultKeyPolicy(readAccount(account))))
  generate
    .command('narrower')
    .description('Those named may do everything with the key, and nobody else anything.')
    .requiredOption('--principal <arn...>', 'users and roles')
    .addHelpText(
      'after',
      example(
        'keyhold policy generate narrower --principal arn:aws:iam::111122223333:role/appA arn:aws:iam::111122223333:user/ci',
      ),
    )
    .action(({ principal }) => print(narrowerPolicy(readPrincipals(principal, 'no patterns'))))
  const least = generate
    .command('least-privilege')
    .description('Each may do what it is listed under, and nobody else anything.')
    .requiredOption(ACCOUNT, IN_ACCOUNT)
  for (const [capability, actions] of Object.entries(CAPABILITIES)) {
    least.option(`--${capability} <arn...>`, `who may: ${actions.slice(0, 3).join(', ')} …`)
  }
  least
    .option('--custom-actions <action...>', 'actions of your own choice')
    .option('--custom <arn...>', 'who may do the custom actions')
    .addOption(
      new Option('--style <style>', 'allow those listed; or also deny everyone else')
        .choices(['allow-listed', 'deny-everyone-else'])
        .default('allow-listed'),
    )
    .addHelpText(
      'after',
      example(
        'keyhold policy generate least-privilege --account 111122223333 --administer-resource arn:aws:iam::111122223333:user/ci --read-config arn:aws:iam::111122223333:user/ci --read-data arn:aws:iam::111122223333:role/appA --write-data arn:aws:iam::111122223333:role/appA > policy.json\n  aws kms put-key-policy --key-id … --policy file://policy.json',
      ),
    )
    .action((options) => print(leastPrivilege(options)))
  policy
    .command('lint')
    .description(
      'Say in plain words what a key policy does that was hardly meant. Exits 1 where it is wrong.',
    )
    .argument('<file>', 'the policy; - for standard input')
    .requiredOption(ACCOUNT, IN_ACCOUNT)
    .addOption(outputOption())
    .addHelpText(
      'after',
      example(
        'keyhold policy lint policy.json --account 111122223333\n  aws kms get-key-policy --key-id … --query Policy --output text | keyhold policy lint - --account 111122223333',
      ),
    )
    .action((file: string, { account, output }) => {
      const owner = readAccount(account)
      const findings = lintKeyPolicy(readText(file), owner)
      print(output === 'json' ? { findings } : told(findings))
      process.exitCode = findings.some(({ severity }) => severity === 'wrong') ? 1 : 0
    })
}

function leastPrivilege(options: Listed & { account: string; style: string }): PolicyJson {
  const grants: Partial<Record<Capability, readonly string[]>> = {}
  for (const capability of Object.keys(CAPABILITIES) as Capability[]) {
    const listed = options[camelCased(capability)]
    if (listed !== undefined) grants[capability] = readPrincipals(listed, 'patterns')
  }
  const custom = {
    actions: (options.customActions ?? []).map(readAction),
    principals: readPrincipals(options.custom ?? [], 'patterns'),
  }
  if ((custom.actions.length === 0) !== (custom.principals.length === 0)) {
    throw new OperatorError('--custom-actions and --custom belong together: what, and who may.')
  }
  if (Object.keys(grants).length === 0 && custom.actions.length === 0) {
    throw new OperatorError(
      'Nobody is listed: such a policy would lock everybody out. Name who may administer the key with --administer-resource.',
    )
  }
  const style = options.style as 'allow-listed' | 'deny-everyone-else'
  return leastPrivilegePolicy({ account: readAccount(options.account), grants, custom, style })
}

function readAccount(text: string): string {
  if (/^\d{12}$/.test(text)) return text
  throw new OperatorError(`${text} is no account id: it has twelve digits, like 111122223333.`)
}

function readPrincipals(
  arns: readonly string[],
  which: 'patterns' | 'no patterns',
): readonly string[] {
  for (const arn of arns) {
    const isGood = PRINCIPAL.test(arn) && (which === 'patterns' || !/[*?]/.test(arn))
    if (!isGood) {
      throw new OperatorError(
        `${arn} names no principal: give the ARN of a user or role, like arn:aws:iam::111122223333:role/app${which === 'patterns' ? '; * and ? stand for any characters' : ', without * and ?'}. Of a session give its role.`,
      )
    }
  }
  return arns
}

function readAction(action: string): string {
  if (/^kms:[A-Za-z*?]+$/.test(action)) return action
  throw new OperatorError(`${action} is no action of KMS: write kms:Decrypt, or kms:ReEncrypt*.`)
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new OperatorError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function told(findings: readonly LintFinding[]): string {
  if (findings.length === 0) return 'Nothing to say: no trap that is known.'
  return findings
    .map(({ severity, where, problem, advice }) => {
      const place = where === '' ? '' : `${where}: `
      return `${severity.padEnd(8)}  ${place}${problem}\n          → ${advice}`
    })
    .join('\n')
}

function camelCased(name: string): string {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
}

function print(value: object | string): void {
  process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}\n`)
}
