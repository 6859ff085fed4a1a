// keyhold clock confirm
import type { Command } from 'commander'
import { callOperator } from './operator-client.ts'
import { onServer } from './server-options.ts'

export function addClockCommands(program: Command): void {
  const clock = program.command('clock').description('the clock by which keys are deleted')
  onServer(clock.command('confirm'))
    .description('say that the clock is right, so that deletions that wait for that go on')
    .addHelpText(
      'after',
      `
Look at the clock first (date): what is due by it is deleted within the minute, and for ever.

Example:
  date && keyhold clock confirm --data /var/lib/keyhold
`,
    )
    .action(async (options: { data: string; output: string }) => {
      const answer = await callOperator(options.data, 'ConfirmClock', {})
      const text = `The clock is right at ${answer.Time}: deletions go on by it.`
      process.stdout.write(`${options.output === 'json' ? JSON.stringify(answer) : text}\n`)
    })
}
