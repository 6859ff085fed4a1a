// What the commands on a seal have in common: where the server is, where secrets come from, how they answer.
import type { Command } from 'commander'
import { CommandError } from './operator-client.ts'
import { readSecret } from './secret-prompt.ts'
import { onServer } from './server-options.ts'

export type Options = { data: string; output: string; passphraseFd?: string }

export function common(command: Command): Command {
  return onServer(command).option(
    '--passphrase-fd <number>',
    'descriptor to read the secret from; default: a prompt',
  )
}

export function secretOf(options: Options, ask: () => Promise<Buffer>): Promise<Buffer> {
  return options.passphraseFd === undefined
    ? ask()
    : Promise.resolve(readSecret(wholeNumber(options.passphraseFd, '--passphrase-fd')))
}

export function wholeNumber(text: string, option: string): number {
  if (!/^[0-9]{1,3}$/.test(text)) throw new CommandError(`${option} takes a whole number.`)
  return Number(text)
}

export function print(options: Options, answer: object, text: string): Promise<void> {
  return tell(options.output === 'json' ? JSON.stringify(answer) : text)
}

/** Resolves once the text has left this process. */
export function tell(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
  })
}
