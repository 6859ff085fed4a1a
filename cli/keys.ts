// keyhold key recover-policy
import type { Command } from 'commander'
import { callOperator } from './operator-client.ts'
import { onServer } from './server-options.ts'

type Options = { data: string; output: string; key: string; confirm?: boolean }

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('keys of all accounts')
  onServer(key.command('recover-policy'))
    .description('put the default policy on a key that nobody can administer any more')
    .requiredOption('--key <arn>', 'the ARN of the key')
    .option('--confirm', 'do it; without this nothing is changed')
    .addHelpText(
      'after',
      `
The account that owns the key decides about it again, through its root user and IAM. Grants stay.
It is on record for the installation and for that account.

Example:
  keyhold key recover-policy --key arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab --confirm
`,
    )
    .action(async ({ data, output, key, confirm }: Options) => {
      const input = { KeyArn: key, Confirm: confirm === true }
      const answer = await callOperator(data, 'RecoverKeyPolicy', input)
      const text = `${answer.KeyArn} has the default key policy again.`
      process.stdout.write(`${output === 'json' ? JSON.stringify(answer) : text}\n`)
    })
}
