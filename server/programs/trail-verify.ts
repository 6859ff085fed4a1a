// keyhold trail verify: tells whether the audit trail is whole. A server may be running meanwhile.
import { readFileSync } from 'node:fs'
import { OperatorError, type Place } from '../config.ts'
import { isPublicKey } from '../crypto/signing-key.ts'
import { openDatabase, openInstallation } from '../installation.ts'
import type { Head } from '../services/cloudtrail/chain.ts'
import { findVerifyingKeys, verifyTrailOf } from '../services/cloudtrail/service.ts'
import type { VerifyingKeys } from '../services/cloudtrail/walk-chain.ts'
import type { Storage } from '../storage/storage.ts'

export type VerifyOptions = {
  readonly checkpoint?: string
  /** base64 of DER SubjectPublicKeyInfo. */
  readonly publicKey?: string
  readonly output: string
}

const PROGRESS_EVERY_RECORDS = 10_000

/** The exit code: 0 where the trail verifies, 1 where it does not. */
export async function verify(
  place: Place,
  { checkpoint: checkpointFile, publicKey: publicKeyText, output }: VerifyOptions,
): Promise<0 | 1> {
  const checkpoint = checkpointFile === undefined ? [] : readCheckpoint(checkpointFile)
  const { storage, keys } = await openTrailOf(place, publicKeyText)
  let records = 0
  const onRecord = () => {
    records++
    if (process.stderr.isTTY && records % PROGRESS_EVERY_RECORDS === 0) {
      process.stderr.write(`\r${records} records …`)
    }
  }
  try {
    const result = await verifyTrailOf(storage, keys, place.directory, {
      checkpoint,
      onRecord,
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    if (output === 'json') {
      process.stdout.write(`${JSON.stringify(result)}\n`)
    } else {
      for (const problem of result.problems) process.stdout.write(`  ${problem}\n`)
      for (const { restoredAt, backup, createdAt } of result.epochs) {
        process.stdout.write(
          `  Restored at ${restoredAt} from the backup ${backup}: what happened between ${createdAt} and then was given up.\n`,
        )
      }
      const counted = `${result.records} records in ${result.chains} chains`
      const pending = result.unchained === 0 ? '' : `, ${result.unchained} on their way into one`
      process.stdout.write(
        result.valid
          ? `The trail verifies: ${counted}${pending}.\n`
          : `THE TRAIL DOES NOT VERIFY: ${result.problems.length} problems in ${counted}${pending}.\n`,
      )
      for (const { chain, signedBatch, records: count } of result.unsigned) {
        process.stdout.write(
          `  chain ${chain}: signed up to batch ${signedBatch}; for the ${count} records after it ${result.areMacsVerified ? 'MACs vouch' : 'only the root key can vouch'}.\n`,
        )
      }
    }
    return result.valid ? 0 : 1
  } finally {
    await storage.close()
  }
}

/** The database, and the keys to believe: the one that was given, or those under the root key. */
async function openTrailOf(
  place: Place,
  given: string | undefined,
): Promise<{ storage: Storage; keys: VerifyingKeys }> {
  if (given !== undefined) {
    const publicKey = Buffer.from(given, 'base64')
    if (!isPublicKey(publicKey)) {
      throw new OperatorError('--public-key takes an Ed25519 public key: DER in base64.')
    }
    return { storage: await openDatabase(place), keys: { publicKey, macKey: undefined } }
  }
  const { storage, rootKey } = await openInstallation(place)
  const keys = await findVerifyingKeys({ storage, rootKey })
  if (keys !== undefined) return { storage, keys }
  await storage.close()
  throw new OperatorError('There is no trail yet: the server never ran here.')
}

function readCheckpoint(file: string): readonly Head[] {
  try {
    const { checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as { checkpoint?: unknown }
    if (Array.isArray(checkpoint)) return checkpoint as Head[]
  } catch (error) {
    throw new OperatorError(`${file} cannot be read as a checkpoint: ${(error as Error).message}`)
  }
  throw new OperatorError(
    `${file} is no checkpoint: it is the output of keyhold trail verify --output json.`,
  )
}
