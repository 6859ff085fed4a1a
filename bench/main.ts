// npm run bench: throughput, latency, memory and start of the server, as ratios taken in one run.
// The server is started as a program and spoken to over HTTP; nothing of it is imported.
import { chooseCores } from './cores.ts'
import { KEY_OPERATIONS } from './key-operations.ts'
import { renderKeyResults } from './key-report.ts'
import { runKeySuite } from './key-run.ts'
import { OPERATIONS } from './operations.ts'
import { KEYS, readOptions } from './options.ts'
import { profile } from './profile.ts'
import { progress } from './progress.ts'
import { renderResults } from './report.ts'
import { writeChapter } from './results-file.ts'
import { runParts } from './run.ts'

const options = readOptions(process.argv.slice(2))
const cores = chooseCores()
if (cores.problem !== undefined) progress(`nothing is pinned to a core: ${cores.problem}`)

try {
  await run()
} catch (error) {
  // Whatever was started is ended as this program exits.
  process.stderr.write(`bench: ${(error as Error).message}\n`)
  process.exit(1)
}

async function run(): Promise<void> {
  if (options.profile) {
    const operations = options.suite === KEYS ? KEY_OPERATIONS : OPERATIONS
    const operation = operations.find(({ option }) => options.only.includes(option))
    if (operation === undefined) throw new Error('--profile needs an operation.')
    process.stdout.write(await profile(operation, cores, options.warmUpSeconds))
    return
  }
  const text =
    options.suite === KEYS
      ? renderKeyResults(await runKeySuite(options, cores))
      : renderResults(await runParts(options, cores))
  process.stdout.write(text)
  if (options.output === undefined) return
  writeChapter(options.output, text)
  progress(`written to ${options.output}`)
}
