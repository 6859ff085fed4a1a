// A second process over the same store, for tests: forked with the place as its argument, told what to
// do by messages, and answering each when it is done.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Place } from '../storage.ts'

export type Task =
  | { do: 'announce'; topic: string; subject: string }
  /** Adds `count` to the row `n` of the table `tally`, one transaction each. */
  | { do: 'count'; count: number }
  /** Keeps the write lock for so long; answers once it has it, and again when it lets go. */
  | { do: 'hold'; ms: number }

type OtherProcess = {
  /** Resolves with the milliseconds of the slowest transaction when the task is done. */
  ask(task: Task): Promise<number>
}

/** Starts the process; it is killed when the test has finished. */
export async function otherProcess(place: Place): Promise<OtherProcess> {
  const script = fileURLToPath(new URL('./other-process-main.ts', import.meta.url))
  const child: ChildProcess = fork(script, [JSON.stringify(place)], { execArgv: [] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  async function answer(): Promise<number> {
    const outcome = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [])])
    const [message] = outcome
    if (typeof message === 'number') return message
    throw new Error(`the other process failed: ${message ?? 'it exited'}`)
  }

  await answer()
  return {
    ask(task) {
      const done = answer()
      child.send(task)
      return done
    },
  }
}
