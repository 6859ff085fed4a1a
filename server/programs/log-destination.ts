// Where log lines go. A log that cannot be written must not stop a server: pino's own destination ends
// the process when a write fails, and then waits for ever for the rest of its buffer to be written.
import { writeSync } from 'node:fs'

const STANDARD_OUTPUT = 1
const MAX_TRIES = 50
const PAUSE_MS = 2
const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes each line at once. What a full disk or a closed pipe does not take is lost; as soon as lines
 * are taken again, one of them tells how many were.
 */
export function logDestination(
  write: (bytes: Uint8Array) => number = (bytes) => writeSync(STANDARD_OUTPUT, bytes),
) {
  /** The end of a line that was written in part: the log stays one line after another. */
  let rest: Uint8Array = Buffer.alloc(0)
  let lost = 0

  /** Throws where none of it was taken; what is left of a line that was begun is kept. */
  function put(bytes: Uint8Array): void {
    for (let left = bytes, tries = 0; left.length > 0; ) {
      try {
        left = left.subarray(write(left))
        rest = left
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // Whoever reads the pipe is slow.
        if (code !== 'EAGAIN' || ++tries >= MAX_TRIES) {
          if (left.length < bytes.length) return
          throw error
        }
        Atomics.wait(pause, 0, 0, PAUSE_MS)
      }
    }
  }

  return {
    write(line: string): void {
      try {
        put(rest)
        if (rest.length > 0) throw new Error('the line before this one is still to be ended')
        put(Buffer.from(lost > 0 ? `${lossTold(lost)}${line}` : line))
        lost = 0
      } catch {
        lost++
      }
    },
  }
}

function lossTold(lines: number): string {
  const entry = { level: 40, time: Date.now(), pid: process.pid, lines }
  return `${JSON.stringify({ ...entry, msg: 'lines before this one could not be logged' })}\n`
}
