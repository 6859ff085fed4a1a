// A log whose disk is full, or whose reader is slow or gone.
import { expect, it } from 'vitest'
import { logDestination } from './log-destination.ts'

/** A destination over a file with so much room; `room` may be changed. */
function limited(room: number) {
  const file = { room, text: '', failure: 'ENOSPC', failures: 0 }
  const { write } = logDestination((bytes) => {
    const taken = Math.min(file.room, bytes.length)
    if (taken === 0) {
      file.failures++
      throw Object.assign(new Error(file.failure), { code: file.failure })
    }
    file.room -= taken
    file.text += Buffer.from(bytes.subarray(0, taken)).toString()
    return taken
  })
  return { file, write: (text: string) => write(`${JSON.stringify({ text })}\n`) }
}

const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)

it('Lines are written as they come', () => {
  const { file, write } = limited(1000)
  write('one')
  write('zwei €')
  expect(linesOf(file.text)).toEqual([{ text: 'one' }, { text: 'zwei €' }])
})

it('Lines that a full disk does not take are lost and counted, and no line is torn', () => {
  const { file, write } = limited(20)
  for (const text of ['one', 'two', 'three', 'four']) write(text)
  expect(file.text).toHaveLength(20)
  file.room = 10_000
  write('five')
  write('six')
  expect(linesOf(file.text)).toEqual([
    { text: 'one' },
    { text: 'two' },
    expect.objectContaining({ level: 40, lines: 2 }),
    { text: 'five' },
    { text: 'six' },
  ])
})

it('A reader that never reads is waited for only so long', () => {
  const { file, write } = limited(0)
  file.failure = 'EAGAIN'
  write('one')
  expect(file.failures).toBeGreaterThan(1)
  file.room = 1000
  write('two')
  expect(linesOf(file.text)).toEqual([expect.objectContaining({ lines: 1 }), { text: 'two' }])
})
