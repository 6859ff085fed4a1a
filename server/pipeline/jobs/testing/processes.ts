// Starts processes that run chores over one database.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Place } from '../../../storage/storage.ts'

/** Where a process can be stopped on its way through an item. */
export type Point = 'between transactions' | 'before the work' | 'before the commit'

export type RunnerProcess = {
  /** Resolves when the process comes to its point the next time. */
  reached(): Promise<void>
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}

/** Starts the process; it is killed when the test has finished. */
export async function runnerProcess(
  place: Place,
  who: string,
  point: Point | null = null,
): Promise<RunnerProcess> {
  const script = fileURLToPath(new URL('./runner-process.ts', import.meta.url))
  const child: ChildProcess = fork(script, [JSON.stringify([place, who, point])], { execArgv: [] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await messageOf(child, 'ready')
  return {
    reached: () => messageOf(child, point ?? 'ready'),
    signal: (signal) => child.kill(signal),
  }
}

function messageOf(child: ChildProcess, expected: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
    child.on('message', (message) => message === expected && resolve())
  })
}
