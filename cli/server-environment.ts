// How the server's programs are started: without what a shell may hold that changes how Node.js runs.

/**
 * Flags of Node.js. Without the first, SIGUSR1 opens an inspector; without the second, V8 lets the
 * young generation grow to 130 MB on a machine with much memory, which serves nobody.
 */
export const SERVER_NODE_FLAGS = ['--disable-sigusr1', '--max-semi-space-size=12'] as const

/** Loads foreign code into the process, makes it tell what passes by, weakens its TLS, or takes threads from the trail. */
const UNWANTED =
  /^(?:NODE_(?:OPTIONS|PATH|DEBUG|DEBUG_NATIVE|V8_COVERAGE|COMPILE_CACHE|TLS_REJECT_UNAUTHORIZED)|UV_THREADPOOL_SIZE|(?:LD|DYLD)_.*)$/

export function serverEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !UNWANTED.test(name)))
}
