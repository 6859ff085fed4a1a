// keyhold trail verify: tells whether the audit trail is whole. A server may be running meanwhile.
import { readFileSync } from 'node:fs'
import { OperatorError, type Place } from '../config.ts'
import { openInstallation } from '../installation.ts'
import type { Head } from '../services/cloudtrail/chain.ts'
import { verifyWholeTrail } from '../services/cloudtrail/service.ts'

const PROGRESS_EVERY_RECORDS = 10_000

/** The exit code: 0 where the trail verifies, 1 where it does not. */
export async function verify(
  place: Place,
  checkpointFile: string | undefined,
  asJson: boolean,
): Promise<0 | 1> {
  const checkpoint = checkpointFile === undefined ? [] : readCheckpoint(checkpointFile)
  const { storage, rootKey } = await openInstallation(place)
  let records = 0
  const onRecord = () => {
    records++
    if (process.stderr.isTTY && records % PROGRESS_EVERY_RECORDS === 0) {
      process.stderr.write(`\r${records} records …`)
    }
  }
  try {
    const result = await verifyWholeTrail({ storage, rootKey }, place.directory, {
      checkpoint,
      onRecord,
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    if (asJson) {
      process.stdout.write(`${JSON.stringify(result)}\n`)
    } else {
      for (const problem of result.problems) process.stdout.write(`  ${problem}\n`)
      const counted = `${result.records} records in ${result.chains} chains`
      const pending = result.unchained === 0 ? '' : `, ${result.unchained} on their way into one`
      process.stdout.write(
        result.valid
          ? `The trail verifies: ${counted}${pending}.\n`
          : `THE TRAIL DOES NOT VERIFY: ${result.problems.length} problems in ${counted}${pending}.\n`,
      )
    }
    return result.valid ? 0 : 1
  } finally {
    await storage.close()
  }
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
