// The root key file: made once, readable by its owner, and read only where it is whole.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRootKeyFile, readRootKeyFile } from './file-seal.ts'
import type { RootKey } from './root-key.ts'

const POOL_BYTES = 4096
const PLACE = Buffer.from('place')
const FILE_BYTES = 'keyhold root key 1\n'.length + 16 + 32 + 8
const SIZE = 'needs: A root key file has exactly the bytes that were written.'
const CHECK = 'needs: A root key file begins with its magic words and ends with its own check.'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyhold-seal-'))
  path = join(directory, 'root.key')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

/** Whether `right` unwraps what `left` wrapped. */
function isSame(left: RootKey, right: RootKey): boolean {
  const wrapped = left.wrap('domainKey', PLACE, Buffer.from('secret'))
  try {
    return right.unwrap('domainKey', PLACE, wrapped).toString() === 'secret'
  } catch {
    return false
  }
}

function overwrite(bytes: Buffer): void {
  writeFileSync(path, bytes)
}

describe('a new root key file', () => {
  it('holds the key that was made, for its owner alone', () => {
    const made = createRootKeyFile(path)
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    expect(statSync(path).size).toBe(FILE_BYTES)
    const read = readRootKeyFile(path)
    expect(read.id).toBe(made.id)
    expect(read.id).toMatch(/^[0-9a-f]{32}$/)
    expect(isSame(made, read)).toBe(true)
  })

  it('is for its owner alone whatever the umask lets through', () => {
    const before = process.umask(0)
    try {
      createRootKeyFile(path)
    } finally {
      process.umask(before)
    }
    expect(statSync(path).mode & 0o7777).toBe(0o600)
  })

  it('never takes the place of another file', () => {
    createRootKeyFile(path)
    const before = readFileSync(path)
    expect(() => createRootKeyFile(path)).toThrow('EEXIST')
    expect(readFileSync(path)).toEqual(before)
    overwrite(Buffer.from('something else'))
    expect(() => createRootKeyFile(path)).toThrow('EEXIST')
    expect(readFileSync(path, 'utf8')).toBe('something else')
  })

  it('is made only where its directory is', () => {
    const nowhere = join(directory, 'none', 'root.key')
    expect(() => createRootKeyFile(nowhere)).toThrow('ENOENT')
    expect(existsSync(nowhere)).toBe(false)
  })

  it('is another key each time', () => {
    const other = createRootKeyFile(join(directory, 'other.key'))
    const made = createRootKeyFile(path)
    expect(made.id).not.toBe(other.id)
    expect(isSame(made, other)).toBe(false)
  })

  it('leaves no copy of its bytes in buffers, neither made nor read', () => {
    const zeroed: number[] = []
    const fill = Buffer.prototype.fill
    vi.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, ...given) {
      // The pool of randomness zeroes what it hands out, too.
      if (this.length !== POOL_BYTES) zeroed.push(this.length)
      return fill.apply(this, given as [number])
    })
    createRootKeyFile(path)
    // Everything before the check, the file, and the key itself.
    expect(zeroed.sort((a, b) => a - b)).toEqual([32, 32, FILE_BYTES - 8, FILE_BYTES])
    zeroed.length = 0
    readRootKeyFile(path)
    expect(zeroed.sort((a, b) => a - b)).toEqual([32, FILE_BYTES])
    zeroed.length = 0
    chmodSync(path, 0o644)
    expect(() => readRootKeyFile(path)).toThrow()
    expect(zeroed).toEqual([FILE_BYTES])
  })
})

describe('an existing root key file', () => {
  it('A root key file is readable by its owner alone (mode 0600).', () => {
    createRootKeyFile(path)
    for (const mode of [0o604, 0o640, 0o644, 0o660, 0o666, 0o601, 0o610, 0o602, 0o620, 0o777]) {
      chmodSync(path, mode)
      expect(() => readRootKeyFile(path), mode.toString(8)).toThrow(
        'needs: A root key file is readable by its owner alone (mode 0600).',
      )
    }
    for (const mode of [0o600, 0o400, 0o700]) {
      chmodSync(path, mode)
      expect(() => readRootKeyFile(path), mode.toString(8)).not.toThrow()
    }
  })

  it('A root key file has exactly the bytes that were written.', () => {
    createRootKeyFile(path)
    const whole = readFileSync(path)
    for (let length = FILE_BYTES - 1; length >= 0; length--) {
      truncateSync(path, length)
      expect(() => readRootKeyFile(path), `${length} bytes`).toThrow(SIZE)
    }
    for (const more of ['\n', '\0', whole.toString('latin1')]) {
      overwrite(Buffer.concat([whole, Buffer.from(more, 'latin1')]))
      expect(() => readRootKeyFile(path)).toThrow(SIZE)
    }
    overwrite(whole)
    expect(() => readRootKeyFile(path)).not.toThrow()
  })

  it('A root key file begins with its magic words and ends with its own check.', () => {
    createRootKeyFile(path)
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length * 8; at++) {
      const flipped = Buffer.from(whole)
      flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
      overwrite(flipped)
      expect(() => readRootKeyFile(path), `bit ${at}`).toThrow(CHECK)
    }
    overwrite(Buffer.alloc(FILE_BYTES))
    expect(() => readRootKeyFile(path)).toThrow(CHECK)
  })

  it('that is missing is told so, and none is made', () => {
    expect(() => readRootKeyFile(path)).toThrow('ENOENT')
    expect(existsSync(path)).toBe(false)
  })

  it('that was replaced by another is another key: nothing of the first unwraps', () => {
    const first = createRootKeyFile(path)
    rmSync(path)
    createRootKeyFile(path)
    const second = readRootKeyFile(path)
    expect(second.id).not.toBe(first.id)
    expect(isSame(first, second)).toBe(false)
  })

  it('tells nothing of its bytes where it is refused', () => {
    createRootKeyFile(path)
    const whole = readFileSync(path)
    overwrite(Buffer.concat([whole.subarray(0, -1), Buffer.from([(whole.at(-1) as number) ^ 1])]))
    try {
      readRootKeyFile(path)
      expect.fail('the file was read')
    } catch (error) {
      expect((error as Error).message).toBe(CHECK)
    }
  })
})
