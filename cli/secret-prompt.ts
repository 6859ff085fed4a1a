// Asks for a secret on the terminal without showing it, or reads it from a descriptor.
import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { CommandError } from './operator-client.ts'

const ENTER = 0x0d
const NEWLINE = 0x0a
const CONTROL_C = 0x03
const CONTROL_D = 0x04
const BACKSPACE = 0x08
const DELETE = 0x7f

/** Typed or pasted after the Enter that ended the last answer: it belongs to the next one. */
let ahead: number[] = []

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
  try {
    return requireText(await readUntilEnter(stdin))
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

/** Waits for a person to press Enter; Ctrl-C throws. */
export async function askForEnter(question: string): Promise<void> {
  const answer = await askSecret(question)
  answer.fill(0)
}

function readUntilEnter(terminal: NodeJS.ReadStream): Promise<Buffer> {
  const typed: number[] = []
  return new Promise<Buffer>((resolve, reject) => {
    const end = (act: () => void) => {
      terminal.off('data', read)
      terminal.off('end', ended)
      act()
      typed.fill(0)
    }
    const done = () => end(() => resolve(Buffer.from(typed)))
    const ended = () => done()
    const read = (chunk: Buffer) => {
      const bytes = [...ahead, ...chunk]
      chunk.fill(0)
      ahead = []
      for (const [at, byte] of bytes.entries()) {
        if (byte === CONTROL_C) return end(() => reject(new CommandError('Interrupted.')))
        if (byte === ENTER || byte === NEWLINE || byte === CONTROL_D) {
          ahead = bytes.slice(at + 1)
          bytes.fill(0)
          return done()
        }
        if (byte === BACKSPACE || byte === DELETE) dropCharacter(typed)
        else typed.push(byte)
      }
      bytes.fill(0)
    }
    terminal.on('data', read)
    terminal.on('end', ended)
    if (ahead.length > 0) read(Buffer.alloc(0))
    terminal.resume()
  })
}

/** Removes the last character, which has several bytes in UTF-8 beyond ASCII. */
function dropCharacter(typed: number[]): void {
  while (((typed.at(-1) ?? 0) & 0b1100_0000) === 0b1000_0000) typed.pop()
  typed.pop()
}

/** It travels as text: other bytes would become another secret on the way. */
function requireText(secret: Buffer): Buffer {
  if (isUtf8(secret)) return secret
  secret.fill(0)
  throw new CommandError('A secret is text (UTF-8): encode random bytes, in base64 say.')
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
    const secret = Buffer.from(bytes.subarray(0, bytes.at(-1) === NEWLINE ? -1 : undefined))
    bytes.fill(0)
    return requireText(secret)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `Descriptor ${descriptor} cannot be read (${(error as NodeJS.ErrnoException).code}): open it with ${descriptor}< file.`,
    )
  }
}
