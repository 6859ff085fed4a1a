// keyhold account create|list, keyhold credentials rotate

import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { newCredentialsFile } from './credentials-file.ts'
import { CommandError, callOperator } from './operator-client.ts'
import { onServer } from './server-options.ts'

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
  onServer(
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
      const file = options.credentialsFile
      if (file !== undefined && existsSync(file)) {
        throw new CommandError(`${file} is there already, and is not replaced: name another file.`)
      }
      await deliver(options, file, () => callOperator(options.data, 'CreateAccount', { AccountId }))
    })
  onServer(account.command('list').description('list the accounts'))
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
  onServer(
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
      const file =
        options.credentialsFile ??
        (known?.accountId === AccountId ? credentialsFile(options.data) : undefined)
      await deliver(options, file, () =>
        callOperator(options.data, 'RotateCredentials', { AccountId }),
      )
    })
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

/**
 * The secret goes into the file, or to standard output where there is none: it is told only once. So the
 * file is there before the server is asked for a new one.
 */
async function deliver(
  options: Options,
  path: string | undefined,
  ask: () => Promise<Record<string, unknown>>,
): Promise<void> {
  if (path === undefined) {
    const credentials = credentialsOf(await ask(), options.data)
    return print(JSON.stringify(credentials, null, 2))
  }
  const file = newCredentialsFile(path)
  let credentials: Credentials
  try {
    credentials = credentialsOf(await ask(), options.data)
  } catch (error) {
    file.discard()
    throw error
  }
  const text = JSON.stringify(credentials, null, 2)
  try {
    file.put(`${text}\n`)
  } catch (error) {
    print(text)
    throw new CommandError(
      `${path} could not be written (${(error as NodeJS.ErrnoException).code}): what belongs into it is on standard output, and nowhere else.`,
    )
  }
  const { accountId, accessKeyId } = credentials
  print(
    options.output === 'json'
      ? JSON.stringify({ accountId, accessKeyId, credentialsFile: path })
      : `Access key ${accessKeyId} of account ${accountId}; its secret is in ${path}`,
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
