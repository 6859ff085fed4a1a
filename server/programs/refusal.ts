// How a program of the server says that it does not do what it was asked to.

/** Exit code: trying again changes nothing. */
export const REFUSED = 2

/** Says why, and ends the process. */
export function refuse(why: string, exitCode = REFUSED): never {
  process.stderr.write(`keyhold: ${why}\n`)
  process.exit(exitCode)
}
