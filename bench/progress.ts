// Progress goes to stderr, so that stdout has the results alone.

const startedAtMs = performance.now()

/** Says what happens, and how many seconds after the start. */
export function progress(text: string): void {
  const seconds = (performance.now() - startedAtMs) / 1000
  process.stderr.write(`${seconds.toFixed(0).padStart(4)} s  ${text}\n`)
}
