// keyhold account create|list, keyhold credentials rotate

import { randomInt } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { CommandError, callOperator } from './operator-client.ts'

type Options = { data: string; output: string }
type Credentials = {
  accountId: string
  accessKeyId: string
  secretAccessKey: string
  region?: string
  endpoint?: string
}

export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('the accounts of a running server')
  common(
    account.command('create').description('make an account, with an access key of its root user'),
  )
    .option('--account-id <digits>', 'twelve digits; default: random ones')
    .option(
      '--credentials-file <file>',
      'where the credentials go (0600); default: standard output',
    )
    .addHelpText('after', '\nExample:\n  keyhold account create --credentials-file team-a.json\n')
    .action(async (options: Options & { accountId?: string; credentialsFile?: string }) => {
      const AccountId = options.accountId ?? randomAccountId()
      const answer = await callOperator(options.data, 'CreateAccount', { AccountId })
      deliver(options, credentialsOf(answer, options.data), options.credentialsFile)
    })
  common(account.command('list').description('list the accounts'))
    .addHelpText('after', '\nExample:\n  keyhold account list --output json\n')
    .action(async (options: Options) => {
      const { Accounts } = await callOperator(options.data, 'ListAccounts', {})
      const accounts = Accounts as { AccountId: string; CreatedAt: string }[]
      print(
        options.output === 'json'
          ? JSON.stringify(accounts)
          : accounts.map(({ AccountId, CreatedAt }) => `${AccountId}  ${CreatedAt}`).join('\n'),
      )
    })
  common(
    program
      .command('credentials')
      .description('the credentials of root users')
      .command('rotate')
      .description('make a new access key for an account’s root user; the old ones stop at once'),
  )
    .option('--account-id <digits>', 'default: the account in credentials.json')
    .option(
      '--credentials-file <file>',
      'where they go (0600); default: credentials.json where it is that account',
    )
    .addHelpText('after', '\nExample:\n  keyhold credentials rotate --account-id 111122223333\n')
    .action(async (options: Options & { accountId?: string; credentialsFile?: string }) => {
      const known = readCredentials(options.data)
      const AccountId = options.accountId ?? known?.accountId
      if (AccountId === undefined) throw new CommandError('Name the account with --account-id.')
      const answer = await callOperator(options.data, 'RotateCredentials', { AccountId })
      const file =
        options.credentialsFile ??
        (known?.accountId === AccountId ? credentialsFile(options.data) : undefined)
      deliver(options, credentialsOf(answer, options.data), file)
    })
}

function common(command: Command): Command {
  return command
    .option('--data <dir>', 'directory of the server', process.env.KEYHOLD_DATA ?? './keyhold-data')
    .option('--output <format>', 'text or json', 'text')
}

function credentialsOf(answer: Record<string, unknown>, directory: string): Credentials {
  const known = readCredentials(directory)
  return {
    accountId: String(answer.AccountId),
    accessKeyId: String(answer.AccessKeyId),
    secretAccessKey: String(answer.SecretAccessKey),
    ...(known?.region && { region: known.region }),
    ...(known?.endpoint && { endpoint: known.endpoint }),
  }
}

/** The secret goes into the file, or to standard output where there is none: it is told only once. */
function deliver(options: Options, credentials: Credentials, file: string | undefined): void {
  const text = JSON.stringify(credentials, null, 2)
  if (file === undefined) {
    print(text)
    return
  }
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  const { accountId, accessKeyId } = credentials
  print(
    options.output === 'json'
      ? JSON.stringify({ accountId, accessKeyId, credentialsFile: file })
      : `Access key ${accessKeyId} of account ${accountId}; its secret is in ${file}`,
  )
}

function readCredentials(directory: string): Credentials | undefined {
  try {
    return JSON.parse(readFileSync(credentialsFile(directory), 'utf8')) as Credentials
  } catch {
    return undefined
  }
}

function credentialsFile(directory: string): string {
  return join(directory, 'credentials.json')
}

function randomAccountId(): string {
  return `${randomInt(100_000, 1_000_000)}${String(randomInt(0, 1_000_000)).padStart(6, '0')}`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
