// The options of every command that speaks to a running server: which one, and in which form it answers.
import { type Command, Option } from 'commander'

export function onServer(command: Command, whose = 'directory of the server'): Command {
  return command
    .option('--data <dir>', whose, process.env.KEYHOLD_DATA ?? './keyhold-data')
    .addOption(
      new Option('--output <format>', 'text or json').choices(['text', 'json']).default('text'),
    )
}
