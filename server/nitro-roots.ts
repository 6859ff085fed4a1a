// Whose attestation documents are believed: the roots in the file that `--nitro-root` names.
import { readFileSync } from 'node:fs'
import { readTrustedRoots, type TrustedRoot } from './crypto/certification-path.ts'
import { OperatorError } from './operator-error.ts'

/** None where there is no file: then no document is believed. */
export function readNitroRoots(file: string | undefined): readonly TrustedRoot[] {
  if (file === undefined) return []
  try {
    return readTrustedRoots(readFileSync(file))
  } catch (error) {
    throw new OperatorError(`--nitro-root ${file}: ${(error as Error).message}`)
  }
}
