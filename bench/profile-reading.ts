// Reads a .cpuprofile: self time per function.
// https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
import { readFileSync } from 'node:fs'

/** A function as called by one caller. */
export type ProfileNode = {
  readonly functionName: string
  readonly url: string
  /** Counted from one. */
  readonly line: number
  parent: ProfileNode | undefined
  /** Time spent in this function itself when called by this caller. */
  selfMicroseconds: number
}

type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { functionName: string; url: string; lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The functions of the profile with the time of the last `share` (0 to 1) of its samples; idle time is left out. */
export function readProfile(file: string, share: number): ProfileNode[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const byId = new Map<number, ProfileNode>()
  for (const { id, callFrame } of nodes) {
    byId.set(id, {
      functionName: callFrame.functionName || '(anonymous)',
      url: callFrame.url,
      line: callFrame.lineNumber + 1,
      parent: undefined,
      selfMicroseconds: 0,
    })
  }
  for (const { id, children = [] } of nodes) {
    for (const child of children) {
      const node = byId.get(child)
      if (node !== undefined) node.parent = byId.get(id)
    }
  }
  for (let at = Math.floor(samples.length * (1 - share)); at < samples.length; at++) {
    const node = byId.get(samples[at] as number)
    // A sample lasts until the next one.
    if (node !== undefined) node.selfMicroseconds += timeDeltas[at + 1] ?? 0
  }
  return [...byId.values()].filter(
    ({ functionName, selfMicroseconds }) => selfMicroseconds > 0 && functionName !== '(idle)',
  )
}
