// Every record that the trail of a test server has of one call.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../../../testing/test-server.ts'
import { type Recorded, recordOf, recordsWith } from './recorded.ts'

type Answer = Promise<{ $metadata: { requestId?: string | undefined } }>

/** The records of the call in the order of the trail: its own, and copies for other accounts. */
export async function recordsOf(server: TestServer, answer: Answer): Promise<readonly Recorded[]> {
  const first = await recordOf(server, answer)
  // Copies of a change join the chain one after the other; one too many would have come by then.
  await sleep(100)
  return recordsWith(server, `"requestID":"${first.requestID}"`)
}
