// Every record that the trail of a test server has of one call.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../../../testing/test-server.ts'
import { type Recorded, recordOf } from './recorded.ts'

type Answer = Promise<{ $metadata: { requestId?: string | undefined } }>

/** The records of the call in the order of the trail: its own, and copies for other accounts. */
export async function recordsOf(server: TestServer, answer: Answer): Promise<readonly Recorded[]> {
  const first = await recordOf(server, answer)
  // Copies of a change join the chain one after the other; one too many would have come by then.
  await sleep(100)
  const directory = join(server.directory, 'trail')
  return readdirSync(directory)
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line.includes(`"requestID":"${first.requestID}"`))
    .map((line) => JSON.parse(line) as Recorded)
}
