// The root key for a program that runs by itself: from the file, or with the secrets on a descriptor.
import { OperatorError, type Place } from '../config.ts'
import { beginUnsealing, readPassphrase } from '../installation.ts'
import type { RootKey } from '../seal/root-key.ts'
import { UnsealError } from '../seal/unsealing.ts'

const NEWLINE = 0x0a

/** Unseals with the passphrase on the descriptor, or with the shares on it, one on each line. */
export async function unsealHere(place: Place, descriptor: number | undefined): Promise<RootKey> {
  const unsealing = beginUnsealing(place)
  const { kind, sealed, needed } = unsealing.progress()
  if (!sealed) return unsealing.rootKey
  if (descriptor === undefined) {
    throw new OperatorError(
      kind === 'passphrase'
        ? 'The root key is sealed by a passphrase: give it with --passphrase-fd 3 3< file.'
        : `The root key is sealed by shares: give ${needed} of them, one on each line, with --passphrase-fd 3 3< file.`,
    )
  }
  const secret = readPassphrase(descriptor)
  try {
    if (kind === 'passphrase') {
      await unsealing.offer({ kind: 'passphrase', text: Buffer.from(secret) })
    } else {
      for (const share of linesOf(secret)) await unsealing.offer({ kind: 'share', text: share })
    }
  } catch (error) {
    throw error instanceof UnsealError ? new OperatorError(error.message) : error
  } finally {
    secret.fill(0)
  }
  const { given, sealed: still } = unsealing.progress()
  if (still) throw new OperatorError(`${given} shares were given, and it takes ${needed}.`)
  return unsealing.rootKey
}

/** Copies of the lines that are not empty. */
function linesOf(text: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf(NEWLINE, from)
    const end = newline === -1 ? text.length : newline
    if (end > from) lines.push(Buffer.from(text.subarray(from, end)))
    from = end + 1
  }
  return lines
}
