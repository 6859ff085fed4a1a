// Starts processes that run chores over one database.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Place } from '../../../storage/storage.ts'

/** Compiled code is used again, as by the programs. */
const LAUNCH = new URL('../../../../launch/launch.mjs', import.meta.url).href

/** Where a process can be stopped on its way through an item. */
export type Point = 'between transactions' | 'before the work' | 'before the commit'

export type RunnerProcess = {
  /** Resolves when the process comes to its point the next time. */
  reached(): Promise<void>
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}

/** Starts the process; it is killed when the test has finished, by `onFinished` where tests run side by side. */
export async function runnerProcess(
  place: Place,
  who: string,
  point: Point | null = null,
): Promise<RunnerProcess> {
  const script = fileURLToPath(new URL('./runner-process.ts', import.meta.url))
  const args = [JSON.stringify([place, who, point])]
  const child: ChildProcess = fork(script, args, { execArgv: ['--import', LAUNCH] })
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
