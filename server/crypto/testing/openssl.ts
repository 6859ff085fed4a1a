// The openssl command as the other side of an exchange, for tests.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/**
 * Runs `openssl` in a directory that has these files. Answers whether it succeeded, and the file `out`
 * that it wrote.
 */
export function openssl(
  files: Readonly<Record<string, Uint8Array>>,
  ...command: readonly string[]
): { readonly succeeded: boolean; readonly out: Buffer } {
  const cwd = mkdtempSync(join(tmpdir(), 'keyhold-openssl-'))
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(cwd, name), bytes)
    const { status } = spawnSync('openssl', command, { cwd, stdio: 'ignore' })
    return { succeeded: status === 0, out: readIfThere(join(cwd, 'out')) }
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.of()
  }
}
