// The programs that the benchmark starts: pinned to a core, given orders, and ended by their own pid.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PINNING_PROGRAM } from './cores.ts'

const STOP_DEADLINE_MS = 20_000

/** None of them outlives the benchmark, however that ends; nobody needs what they would still write. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

/** Starts `node` with these arguments, on one core where one is given. */
export function startNode(
  args: readonly string[],
  core: number | undefined,
  stdio: StdioOptions,
): ChildProcess {
  const command = [process.execPath, ...args]
  // taskset becomes the program that it starts, so the pid is the program's.
  const [program, ...rest] =
    core === undefined ? command : [PINNING_PROGRAM, '-c', String(core), ...command]
  const child = spawn(program as string, rest, { stdio })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Asks the program to end, and ends it where it does not. */
export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
  await exited
  clearTimeout(deadline)
}

/** A program of this folder that takes orders, one after the other. */
export type Program<Order, Result> = {
  readonly pid: number
  order(order: Order): Promise<Result>
  stop(): Promise<void>
}

/** Starts a program of this folder; resolves once it takes orders. */
export async function startProgram<Order, Result>(
  file: URL,
  core: number | undefined,
): Promise<Program<Order, Result>> {
  // Its errors belong on the benchmark's own stderr.
  const child = startNode([file.pathname], core, ['ignore', 2, 2, 'ipc'])
  const answer = () =>
    new Promise<unknown>((resolve, reject) => {
      const ended = () => reject(new Error(`${file.pathname} ended before it answered`))
      child.once('exit', ended)
      child.once('message', (message) => {
        child.off('exit', ended)
        resolve(message)
      })
    })
  await answer()
  return {
    pid: child.pid as number,
    order(order) {
      const answered = answer()
      child.send(order as object)
      return answered as Promise<Result>
    },
    stop: () => stopProgram(child),
  }
}
