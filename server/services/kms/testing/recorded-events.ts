// What the trail of a test server says that jobs did to a key.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../../../testing/test-server.ts'
import type { Recorded } from './recorded.ts'
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
  const directory = join(server.directory, 'trail')
  return readdirSync(directory)
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line.includes(`"eventName":"${eventName}"`) && line.includes(`"${arn}"`))
    .map((line) => JSON.parse(line) as Recorded)
}
