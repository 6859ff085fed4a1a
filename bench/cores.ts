// Which processor core runs what: the server and the generator must not get into each other's way.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type Cores = {
  /** For the server under load, whichever it is. */
  readonly server: number | undefined
  readonly generator: number | undefined
  /** What is missing, where the programs cannot be pinned. */
  readonly problem: string | undefined
}

/** Of util-linux: sched_setaffinity(2) for the program that it becomes. */
export const PINNING_PROGRAM = 'taskset'

/** The first two cores that this process may use. */
export function chooseCores(): Cores {
  const [generator, server] = allowedCores()
  let problem: string | undefined
  if (spawnSync(PINNING_PROGRAM, ['--version']).status !== 0)
    problem = `${PINNING_PROGRAM} is not installed`
  else if (server === undefined) problem = 'there is only one core'
  return problem === undefined
    ? { server, generator, problem }
    : { server: undefined, generator: undefined, problem }
}

/** The list has the form 0-3,6. */
function allowedCores(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8')
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? []
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
