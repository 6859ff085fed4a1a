// Asks for a secret on the terminal without showing it, or reads it from a descriptor.
import { readFileSync } from 'node:fs'
import { CommandError } from './operator-client.ts'

const ENTER = 0x0d
const NEWLINE = 0x0a
const CONTROL_C = 0x03
const CONTROL_D = 0x04
const BACKSPACE = 0x08
const DELETE = 0x7f

/** The bytes typed before Enter; the caller zeroes them. */
export async function askSecret(question: string): Promise<Buffer> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) {
    throw new CommandError(
      'There is no terminal to ask on: give the secret with --passphrase-fd N and N< file.',
    )
  }
  stderr.write(`${question}: `)
  stdin.setRawMode(true)
  const typed: number[] = []
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      for (const byte of chunk) {
        if (byte === ENTER || byte === NEWLINE || byte === CONTROL_D) return Buffer.from(typed)
        if (byte === CONTROL_C) throw new CommandError('Interrupted.')
        if (byte === BACKSPACE || byte === DELETE) typed.pop()
        else typed.push(byte)
      }
      chunk.fill(0)
    }
    return Buffer.from(typed)
  } finally {
    typed.fill(0)
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

/** Asks twice, and again where the two differ. */
export async function askNewSecret(question: string): Promise<Buffer> {
  for (;;) {
    const first = await askSecret(question)
    const second = await askSecret('Once more')
    const same = first.equals(second)
    second.fill(0)
    if (same) return first
    first.fill(0)
    process.stderr.write('They differ: begin again.\n')
  }
}

/** What stands on the descriptor, without the newline that may end it. */
export function readSecret(descriptor: number): Buffer {
  try {
    const bytes = readFileSync(descriptor)
    return Buffer.from(bytes.subarray(0, bytes.at(-1) === NEWLINE ? -1 : undefined))
  } catch (error) {
    throw new CommandError(
      `Descriptor ${descriptor} cannot be read (${(error as NodeJS.ErrnoException).code}): open it with ${descriptor}< file.`,
    )
  }
}
