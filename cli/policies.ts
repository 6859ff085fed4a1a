// keyhold policy: writing key policies and looking them over is the server program's work.
import type { Command } from 'commander'

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
}
