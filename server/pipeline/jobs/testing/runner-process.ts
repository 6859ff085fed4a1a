// A second process that runs chores, for tests: started by `processes.ts`, stopped by signals. Tells its
// parent whenever it comes to the point that it was asked to tell of, and waits there for a moment.
import { setTimeout as sleep } from 'node:timers/promises'
import { openStorage, type Place } from '../../../storage/storage.ts'
import type { Point } from './processes.ts'
import { testClock, testRunner } from './runner-parts.ts'

const [place, who, point] = JSON.parse(process.argv[2] as string) as [Place, string, Point | null]
const storage = await openStorage(place)

/** Long enough for a signal to arrive; whoever is not stopped goes on. */
const LINGER_MS = 150

async function reach(reached: Point): Promise<void> {
  if (reached !== point) return
  process.send?.(reached)
  await sleep(LINGER_MS)
}

const clock = testClock()
const runner = testRunner(
  storage,
  who,
  {
    prepare: () => reach('between transactions'),
    before: () => reach('before the work'),
    after: () => reach('before the commit'),
  },
  clock,
)
runner.start()
process.on('disconnect', () => process.exit())
process.send?.('ready')
