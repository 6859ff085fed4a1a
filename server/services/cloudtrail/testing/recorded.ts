// What stands in the trail of a test server, once everything answered has joined its chain.
import { join } from 'node:path'
import { vi } from 'vitest'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { openOutbox } from '../outbox-store.ts'
import { verifyWholeTrail } from '../service.ts'

export type RecordedCall = Readonly<Record<string, unknown>>

/** All records, parsed; throws where the trail does not verify. */
export async function recordedCalls({ storage, directory }: TestServer): Promise<RecordedCall[]> {
  await vi.waitFor(
    async () => {
      if ((await openOutbox(storage).list()).length > 0) throw new Error('the outbox is not empty')
    },
    { timeout: 5000 },
  )
  const texts: string[] = []
  const rootKey = readRootKeyFile(join(directory, 'root.key'))
  const { valid, problems } = await verifyWholeTrail({ storage, rootKey }, directory, {
    checkpoint: [],
    onRecord: (record) => texts.push(record),
  })
  if (!valid) throw new Error(problems.join('\n'))
  return texts.map((text) => JSON.parse(text) as RecordedCall)
}

/** The only record of the call with this request id; throws where there is none or more than one. */
export async function recordOf(server: TestServer, requestId: string): Promise<RecordedCall> {
  const records = (await recordedCalls(server)).filter(({ requestID }) => requestID === requestId)
  const [record] = records
  if (record === undefined || records.length > 1) {
    throw new Error(`${records.length} records of the call ${requestId}`)
  }
  return record
}
