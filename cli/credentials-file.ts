// A file for a secret that is told only once: it can be written before anybody asks for the secret.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CommandError } from './operator-client.ts'

export type CredentialsFile = {
  /** Writes the text, durable under the file's name when this returns. */
  put(text: string): void
  /** Leaves everything as it was. */
  discard(): void
}

/** Begins the file (0600) beside `path`; throws where it could not be put there. */
export function newCredentialsFile(path: string): CredentialsFile {
  const next = `${path}.new`
  let descriptor: number
  try {
    rmSync(next, { force: true })
    // A new one: what somebody else put there beforehand, a link say, is not written to.
    descriptor = openSync(next, 'wx', 0o600)
  } catch (error) {
    throw new CommandError(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code}), so nothing was changed: name another file with --credentials-file.`,
    )
  }
  return {
    put(text) {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
      closeSync(descriptor)
      renameSync(next, path)
      const directory = openSync(dirname(path), 'r')
      fsyncSync(directory)
      closeSync(directory)
    },
    discard() {
      closeSync(descriptor)
      rmSync(next, { force: true })
    },
  }
}
