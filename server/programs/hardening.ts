// Takes away what would show a server's memory to others, before there is a secret in it. Besides
// config.ts this alone looks at the environment: to empty it of what changes how Node.js runs.
import { writeFileSync } from 'node:fs'
import { url as inspectorUrl } from 'node:inspector'
import { OperatorError } from '../operator-error.ts'

/** Flags of Node.js for every server process: without the first, SIGUSR1 opens an inspector. */
export const NODE_FLAGS = ['--disable-sigusr1', '--max-semi-space-size=12'] as const

/** Flags that open an inspector, or write memory or TLS keys into files. */
const SHOWING = /--(?:inspect|heapsnapshot|heap-prof|tls-keylog|report-on|report-uncaught)[-\w]*/

/** What loads foreign code, logs what passes by, or weakens TLS, in this process or those it starts. */
const UNWANTED =
  /^(?:NODE_(?:OPTIONS|PATH|DEBUG|DEBUG_NATIVE|V8_COVERAGE|COMPILE_CACHE|TLS_REJECT_UNAUTHORIZED)|UV_THREADPOOL_SIZE|(?:LD|DYLD)_.*)$/

/** Throws where an inspector is open, or the process was told to show its memory. */
export function requireUnobserved(
  flags: readonly string[] = process.execArgv,
  nodeOptions: string = process.env.NODE_OPTIONS ?? '',
): void {
  // Node.js reads an underscore as a dash.
  const [flag] = SHOWING.exec([...flags, nodeOptions].join(' ').replaceAll('_', '-')) ?? []
  if (flag !== undefined || inspectorUrl() !== undefined) {
    throw new OperatorError(
      `A server that holds keys does not run with ${flag ?? 'an inspector'}: take it out of the command and of NODE_OPTIONS.`,
    )
  }
}

export function hardenProcess(): void {
  requireUnobserved()
  for (const name of Object.keys(process.env)) {
    if (UNWANTED.test(name)) delete process.env[name]
  }
  // What is made from here on is its owner's alone.
  process.umask(0o077)
  // Where the flag was not given: a listener of our own takes the place of the inspector's.
  process.on('SIGUSR1', () => {})
  emptyCoreDumps()
}

/**
 * Node.js cannot set resource limits, but Linux lets a process say which memory goes into a core dump:
 * none. Those that it starts inherit that. See core(5).
 */
function emptyCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // Not on Linux, or /proc is not to be written: keyhold doctor looks at the limit.
  }
}
