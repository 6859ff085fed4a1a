// The flags of the benchmark.
import { Command, InvalidArgumentError } from 'commander'
import { OPERATIONS } from './operations.ts'

export type Options = {
  readonly quick: boolean
  /** The parts to run: operations by their option names, `workers`, `start-up`. */
  readonly only: readonly string[]
  readonly rounds: number
  readonly warmUpSeconds: number
  readonly roundSeconds: number
  readonly profile: boolean
  /** The file to write, if any. */
  readonly output: string | undefined
}

export const WORKERS = 'workers'
export const START_UP = 'start-up'
const PARTS = [...OPERATIONS.map(({ option }) => option), WORKERS, START_UP]

const RESULTS = new URL('./results.md', import.meta.url).pathname
const FULL = { rounds: 5, warmUpSeconds: 8, roundSeconds: 2 }
const QUICK = { rounds: 3, warmUpSeconds: 3, roundSeconds: 0.8 }

/** Reads the command line; on a wrong one, says so and ends the program. */
export function readOptions(argv: readonly string[]): Options {
  const given = new Command('bench')
    .description(
      'Measures Keyhold against a bare node:http server and against its cryptography alone, in one run.',
    )
    .option('--quick', 'about a minute: for development, less exact', false)
    .option('--only <parts>', `comma-separated: ${PARTS.join(', ')}`, readParts)
    .option('--rounds <count>', `rounds of each measurement (default: ${FULL.rounds})`, readNumber)
    .option(
      '--warm-up <seconds>',
      `for each server and operation (default: ${FULL.warmUpSeconds})`,
      readNumber,
    )
    .option(
      '--seconds <seconds>',
      `under load per server and round (default: ${FULL.roundSeconds})`,
      readNumber,
    )
    .option('--profile', 'tell where the time goes instead, for the first operation', false)
    .option('--output <file>', 'where the results go; default: bench/results.md after a full run')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench\n  npm run bench -- --quick --only encrypt\n  npm run bench -- --profile --only decrypt\n',
    )
    .parse(argv, { from: 'user' })
    .opts()
  const usual = given.quick ? QUICK : FULL
  return {
    quick: given.quick,
    only: given.only ?? PARTS,
    rounds: given.rounds ?? usual.rounds,
    warmUpSeconds: given.warmUp ?? usual.warmUpSeconds,
    roundSeconds: given.seconds ?? usual.roundSeconds,
    profile: given.profile,
    output: given.output ?? (given.quick || given.only ? undefined : RESULTS),
  }
}

function readParts(text: string): string[] {
  const parts = text.split(',')
  const unknown = parts.find((part) => !PARTS.includes(part))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`'${unknown}' is none of ${PARTS.join(', ')}.`)
  }
  return parts
}

function readNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 600))
    throw new InvalidArgumentError('It is more than 0, at most 600.')
  return value
}
