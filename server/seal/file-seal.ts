// The file seal: the root key in a file that only its owner may read. Whoever reads file and database
// has everything; the other seals exist for those who must not accept that.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { equalInConstantTime, sha256 } from '../crypto/digest.ts'
import { needs } from '../crypto/needs.ts'
import { randomBytes } from '../crypto/random.ts'
import { secretKey } from '../crypto/secret-key.ts'
import { createDurably, replaceDurably } from './durable-file.ts'
import { type RootKey, rootKey } from './root-key.ts'

// magic ‖ id (16) ‖ key (32) ‖ first 8 bytes of SHA-256 over all before, against damage
const MAGIC = Buffer.from('keyhold root key 1\n')
const ID_BYTES = 16
const KEY_BYTES = 32
const CHECK_BYTES = 8
const FILE_BYTES = MAGIC.length + ID_BYTES + KEY_BYTES + CHECK_BYTES

/** A new root key, sealed nowhere yet. */
export function newRootKey(): RootKey {
  return rootKey(randomBytes(ID_BYTES).toString('hex'), secretKey(randomBytes(KEY_BYTES)))
}

/** Makes a new root key and its file (0600), durable when this returns. Refuses to replace a file. */
export function createRootKeyFile(path: string): RootKey {
  const root = newRootKey()
  withFileBytes(root, (bytes) => createDurably(path, bytes))
  return root
}

/** Puts the root key (0600) in place of the file there is, once it reads back what was written. */
export function putRootKeyFile(path: string, root: RootKey): void {
  withFileBytes(root, (bytes) => replaceDurably(path, bytes, readRootKeyFile))
}

function withFileBytes(root: RootKey, use: (bytes: Buffer) => void): void {
  const file = root.lend((key) => {
    const bytes = Buffer.concat([MAGIC, Buffer.from(root.id, 'hex'), key])
    const whole = Buffer.concat([bytes, sha256(bytes).subarray(0, CHECK_BYTES)])
    bytes.fill(0)
    return whole
  })
  try {
    use(file)
  } finally {
    file.fill(0)
  }
}

/** Reads the root key from its file; throws where others may read it or its content is damaged. */
export function readRootKeyFile(path: string): RootKey {
  const descriptor = openSync(path, constants.O_RDONLY)
  const file = Buffer.alloc(FILE_BYTES)
  try {
    // A root key file is readable by its owner alone (mode 0600).
    needs(
      (fstatSync(descriptor).mode & 0o077) === 0,
      'A root key file is readable by its owner alone (mode 0600).',
    )
    // A root key file has exactly the bytes that were written.
    needs(
      fstatSync(descriptor).size === FILE_BYTES && readSync(descriptor, file) === FILE_BYTES,
      'A root key file has exactly the bytes that were written.',
    )
    return parse(file)
  } finally {
    closeSync(descriptor)
    file.fill(0)
  }
}

function parse(file: Buffer): RootKey {
  const keyAt = MAGIC.length + ID_BYTES
  const checkAt = keyAt + KEY_BYTES
  const check = sha256(file.subarray(0, checkAt)).subarray(0, CHECK_BYTES)
  // A root key file begins with its magic words and ends with its own check.
  needs(
    file.subarray(0, MAGIC.length).equals(MAGIC) &&
      equalInConstantTime(check, file.subarray(checkAt)),
    'A root key file begins with its magic words and ends with its own check.',
  )
  const id = file.toString('hex', MAGIC.length, keyAt)
  return rootKey(id, secretKey(Buffer.from(file.subarray(keyAt, checkAt))))
}
