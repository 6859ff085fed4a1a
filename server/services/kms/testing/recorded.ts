// What the trail of a test server says of one call, as CloudTrail would show it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../../../testing/test-server.ts'

export type Recorded = Record<string, unknown>

/** The record of a call joins a chain soon after a change was answered, and before other answers. */
const SOON_MS = 5000

/** The record of the call that was answered so, whether it succeeded or not. */
export async function recordOf(
  server: TestServer,
  answer: Promise<{ $metadata: { requestId?: string | undefined } }>,
): Promise<Recorded> {
  const { requestId } = await answer.then(
    ({ $metadata }) => $metadata,
    (error: { $metadata: { requestId?: string } }) => error.$metadata,
  )
  for (const deadline = performance.now() + SOON_MS; performance.now() < deadline; await sleep(5)) {
    const [record] = recordsWith(server, `"requestID":"${requestId}"`)
    if (record !== undefined) return record
  }
  throw new Error(`the trail has no record of the call ${requestId}`)
}

/** The records so far that have all of these texts in them, in the order of the trail. */
export function recordsWith({ directory }: TestServer, ...texts: readonly string[]): Recorded[] {
  const trail = join(directory, 'trail')
  return readdirSync(trail)
    .flatMap((name) => readFileSync(join(trail, name), 'utf8').split('\n'))
    .filter((line) => texts.every((text) => line.includes(text)))
    .map((line) => JSON.parse(line) as Recorded)
}
