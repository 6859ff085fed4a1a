// Argon2id against RFC 9106, and the bounds of what a guess must cost.
import { argon2Sync } from 'node:crypto'
import { expect, it } from 'vitest'
import { ARGON2_COST, keyFromPassphrase } from './passphrase-key.ts'
import { withKeyBytes } from './secret-key.ts'
import vectors from './vectors/argon2id.json' with { type: 'json' }

const { ours, rfc } = vectors
const hex = (text: string) => Buffer.from(text, 'hex')
const passphrase = Buffer.from(ours.passphrase)
const salt = hex(ours.salt)

it('Argon2id gives what RFC 9106 publishes', () => {
  const output = argon2Sync('argon2id', {
    message: hex(rfc.message),
    nonce: hex(rfc.salt),
    secret: hex(rfc.secret),
    associatedData: hex(rfc.associated),
    parallelism: rfc.lanes,
    tagLength: 32,
    memory: rfc.memoryKiB,
    passes: rfc.passes,
  })
  expect(output.toString('hex')).toBe(rfc.output)
})

it('the key of a passphrase is the one that other code computed', async () => {
  const key = await keyFromPassphrase(passphrase, salt, ours)
  expect(withKeyBytes(key, (bytes) => bytes.toString('hex'))).toBe(ours.key)
})

it('another passphrase or another salt gives another key', async () => {
  for (const [otherPassphrase, otherSalt] of [
    [Buffer.from(`${ours.passphrase} `), salt],
    [passphrase, Buffer.alloc(16)],
  ] as const) {
    const key = await keyFromPassphrase(otherPassphrase, otherSalt, ARGON2_COST)
    expect(withKeyBytes(key, (bytes) => bytes.toString('hex'))).not.toBe(ours.key)
  }
})

it('A passphrase salt has 16 bytes.', () => {
  for (const length of [0, 8, 15, 17, 32]) {
    expect(() => keyFromPassphrase(passphrase, Buffer.alloc(length), ARGON2_COST)).toThrow(
      'needs: A passphrase salt has 16 bytes.',
    )
  }
})

it('The cost of a passphrase is at least what it was made with and not beyond reason.', () => {
  for (const cheap of [
    { memoryKiB: ARGON2_COST.memoryKiB - 1 },
    { memoryKiB: 4 * 1024 * 1024 + 1 },
    { memoryKiB: Number.NaN },
    { passes: ARGON2_COST.passes - 1 },
    { passes: 101 },
    { passes: 0 },
    { lanes: 0 },
    { lanes: 17 },
  ]) {
    const cost = { ...ARGON2_COST, ...cheap }
    expect(() => keyFromPassphrase(passphrase, salt, cost), JSON.stringify(cheap)).toThrow(
      'needs: The cost of a passphrase is at least what it was made with and not beyond reason.',
    )
  }
})
