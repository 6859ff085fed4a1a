// A key from a passphrase: Argon2id, RFC 9106.
import { argon2 } from 'node:crypto'
import { needs } from './needs.ts'
import { type SecretKey, secretKey } from './secret-key.ts'

/** What an attacker must spend per guess. `memoryKiB` in KiB, `passes` over it, `lanes` in parallel. */
export type Argon2Cost = {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/** RFC 9106 §4, second recommended option: for where 2 GiB per guess are too much. */
export const ARGON2_COST: Argon2Cost = { memoryKiB: 64 * 1024, passes: 3, lanes: 4 }

const MAX_MEMORY_KIB = 4 * 1024 * 1024
const MAX_PASSES = 100

/** Derives a 256-bit key from the passphrase; off the event loop. */
export function keyFromPassphrase(
  passphrase: Buffer,
  salt: Buffer,
  { memoryKiB, passes, lanes }: Argon2Cost,
): Promise<SecretKey> {
  // A passphrase salt has 16 bytes.
  needs(salt.length === 16, 'A passphrase salt has 16 bytes.')
  // The cost of a passphrase is at least what it was made with and not beyond reason.
  needs(
    memoryKiB >= ARGON2_COST.memoryKiB &&
      memoryKiB <= MAX_MEMORY_KIB &&
      passes >= ARGON2_COST.passes &&
      passes <= MAX_PASSES &&
      lanes >= 1 &&
      lanes <= 16,
    'The cost of a passphrase is at least what it was made with and not beyond reason.',
  )
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      {
        message: passphrase,
        nonce: salt,
        parallelism: lanes,
        tagLength: 32,
        memory: memoryKiB,
        passes,
      },
      (error, key) => (error === null ? resolve(secretKey(key)) : reject(error)),
    )
  })
}
