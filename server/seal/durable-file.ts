// Files of the seal change whole: what is read at any later moment, also after a power cut, is what was
// there before or what was put there, never a part of it.
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** The name under which a file is written until it is whole. */
export function nextName(path: string): string {
  return `${path}.next`
}

/** Writes a new file for its owner alone (0600), durable when this returns. Refuses to replace one. */
export function createDurably(path: string, bytes: Buffer): void {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
  try {
    fchmodSync(file, 0o600)
    // Unlike a single write it goes on until all is written, or throws.
    writeFileSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncDirectory(dirname(path))
}

/** Puts the bytes in place of what is at `path`; `check` looks at them as they were written before. */
export function replaceDurably(
  path: string,
  bytes: Buffer,
  check: (next: string) => unknown = () => {},
): void {
  const next = nextName(path)
  rmSync(next, { force: true })
  createDurably(next, bytes)
  check(next)
  renameSync(next, path)
  syncDirectory(dirname(path))
}

/** Removes the file, for good when this returns; nothing where there is none. */
export function removeDurably(path: string): void {
  rmSync(path, { force: true })
  syncDirectory(dirname(path))
}

/** A file's name is durable, or gone, only once its directory is. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
