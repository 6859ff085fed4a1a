// What the trail of a test server says that jobs did to a key.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../../../testing/test-server.ts'
import { type Recorded, recordsWith } from './recorded.ts'
import type { StoredKey } from './stored-key.ts'

/** An event joins a chain soon after it happened; one that came twice would have come by then. */
const SOON_MS = 300

/** Every event of this name about the key, in the order of the trail. */
export async function eventsOf(
  server: TestServer,
  eventName: string,
  { arn }: StoredKey,
): Promise<readonly Recorded[]> {
  await sleep(SOON_MS)
  return recordsWith(server, `"eventName":"${eventName}"`, `"${arn}"`)
}
