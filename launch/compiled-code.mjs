// The code of the programs as V8 compiled it, kept beside the code itself.
// https://nodejs.org/api/module.html#module-compile-cache
import { lstatSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const DIRECTORY = fileURLToPath(new URL('../.compiled', import.meta.url))

/**
 * What lies in the directory is run as it is. So it is used only where it belongs to this user, and
 * nobody else may write to it; elsewhere, such as under /usr/lib, the code is compiled anew.
 */
export function reuseCompiledCode(directory = DIRECTORY) {
  try {
    mkdirSync(directory, { mode: 0o700, recursive: true })
    if (isOwn(directory)) enableCompileCache(directory)
  } catch {
    // It cannot be made here: the start takes a little longer.
  }
}

/** @param {string} directory */
function isOwn(directory) {
  const found = lstatSync(directory)
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
}
