// The flags of the benchmark.
import { Command, InvalidArgumentError, Option } from 'commander'
import { KEY_OPERATIONS } from './key-operations.ts'
import { OPERATIONS } from './operations.ts'

export type Options = {
  readonly suite: Suite
  readonly quick: boolean
  /** The parts to run: operations by their option names, `workers`, `start-up`, `beside-pairs`. */
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
export const BESIDE_PAIRS = 'beside-pairs'
const HOT_PATH = 'hot-path'
export const KEYS = 'keys'
export type Suite = typeof HOT_PATH | typeof KEYS
const SUITES: Readonly<Record<Suite, readonly string[]>> = {
  [HOT_PATH]: [...OPERATIONS.map(({ option }) => option), WORKERS, START_UP],
  [KEYS]: [...KEY_OPERATIONS.map(({ option }) => option), BESIDE_PAIRS],
}

const RESULTS = new URL('./results.md', import.meta.url).pathname
type Lengths = Pick<Options, 'rounds' | 'warmUpSeconds' | 'roundSeconds'>
/** The suite of keys has more to measure, and most of it is OpenSSL's own, which needs no warm-up. */
const LENGTHS: Readonly<Record<Suite, { readonly full: Lengths; readonly quick: Lengths }>> = {
  [HOT_PATH]: {
    full: { rounds: 5, warmUpSeconds: 8, roundSeconds: 2 },
    quick: { rounds: 3, warmUpSeconds: 3, roundSeconds: 0.8 },
  },
  [KEYS]: {
    full: { rounds: 5, warmUpSeconds: 4, roundSeconds: 2 },
    quick: { rounds: 3, warmUpSeconds: 1, roundSeconds: 0.6 },
  },
}

/** Reads the command line; on a wrong one, says so and ends the program. */
export function readOptions(argv: readonly string[]): Options {
  const program = new Command('bench')
    .description(
      'Measures Keyhold against a bare node:http server and against its cryptography alone, in one run.',
    )
    .addOption(
      new Option('--suite <name>', 'what is measured')
        .choices(Object.keys(SUITES))
        .default(HOT_PATH),
    )
    .option('--quick', 'a minute or two: for development, less exact', false)
    .option('--only <parts>', 'comma-separated; which there are, a wrong one tells', readParts)
    .option('--rounds <count>', 'rounds of each measurement', readNumber)
    .option('--warm-up <seconds>', 'for each server and operation', readNumber)
    .option('--seconds <seconds>', 'under load per server and round', readNumber)
    .option('--profile', 'tell where the time goes instead, for the first operation', false)
    .option('--output <file>', 'where the results go; default: bench/results.md after a full run')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench\n  npm run bench -- --quick --only encrypt\n  npm run bench -- --suite keys --only ml-dsa,beside-pairs\n  npm run bench -- --profile --only decrypt\n',
    )
    .parse(argv, { from: 'user' })
  const given = program.opts()
  const suite: Suite = given.suite
  const parts = SUITES[suite]
  const unknown = given.only?.find((part: string) => !parts.includes(part))
  if (unknown !== undefined) {
    program.error(`error: '${unknown}' is none of ${parts.join(', ')}, the parts of ${suite}.`)
  }
  const usual = LENGTHS[suite][given.quick ? 'quick' : 'full']
  return {
    suite,
    quick: given.quick,
    only: given.only ?? parts,
    rounds: given.rounds ?? usual.rounds,
    warmUpSeconds: given.warmUp ?? usual.warmUpSeconds,
    roundSeconds: given.seconds ?? usual.roundSeconds,
    profile: given.profile,
    output: given.output ?? (given.quick || given.only ? undefined : RESULTS),
  }
}

function readParts(text: string): string[] {
  return text.split(',')
}

function readNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 600))
    throw new InvalidArgumentError('It is more than 0, at most 600.')
  return value
}
