// Processor time and memory of processes, as Linux counts them: proc(5).
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second towards programs, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100

export type CpuSeconds = {
  /** All threads of all the processes. */
  readonly all: number
  /** The main thread of each process alone. */
  readonly mainThreads: number
}

/** User and system time used so far. */
export function cpuSeconds(pids: readonly number[]): CpuSeconds {
  let all = 0
  let mainThreads = 0
  for (const pid of pids) {
    all += ticks(`/proc/${pid}/stat`)
    mainThreads += ticks(`/proc/${pid}/task/${pid}/stat`)
  }
  return { all: all / TICKS_PER_SECOND, mainThreads: mainThreads / TICKS_PER_SECOND }
}

/** Processor time of one process by the names of its threads. */
export function secondsByThreadName(pid: number): Map<string, number> {
  const seconds = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const name = readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim()
    const used = ticks(`/proc/${pid}/task/${thread}/stat`) / TICKS_PER_SECOND
    seconds.set(name, (seconds.get(name) ?? 0) + used)
  }
  return seconds
}

/** The process and all that it started. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue
    const parent = Number(fields(`/proc/${name}/stat`)?.[1])
    const siblings = children.get(parent) ?? []
    children.set(parent, [...siblings, Number(name)])
  }
  const found: number[] = []
  const rest = [pid]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    found.push(next)
    rest.push(...(children.get(next) ?? []))
  }
  return found
}

/** Resident memory, VmRSS. */
export function residentMegabytes(pid: number): number {
  const [, kibibytes] =
    /^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number(kibibytes) * 1024) / 1e6
}

function ticks(file: string): number {
  const values = fields(file)
  return Number(values?.[11]) + Number(values?.[12])
}

/** What follows the program's name, which may have spaces; nothing where the process is gone. */
function fields(file: string): string[] | undefined {
  try {
    const text = readFileSync(file, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
