// What the numbers were taken on: without it they mean nothing.
import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, cpus, release, tmpdir } from 'node:os'
import type { Cores } from './cores.ts'

const TMPFS = 0x01021994

/** Lines of Markdown. */
export function describeMachine(cores: Cores): string {
  const pinning =
    cores.problem === undefined
      ? `servers pinned to core ${cores.server}, generator to core ${cores.generator}`
      : `nothing is pinned to a core: ${cores.problem}`
  const disk =
    statfsSync(tmpdir()).type === TMPFS
      ? ', which is in memory: **writes to the trail cost nothing there; set TMPDIR to a real disk**'
      : ''
  return [
    `- ${new Date().toISOString()}`,
    `- ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Linux ${release()}, node ${process.version}`,
    `- ${pinning}; load average at the end ${loadAverage()}`,
    `- SQLite and trail in ${tmpdir()}${disk}`,
  ].join('\n')
}

function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(', ')
}
