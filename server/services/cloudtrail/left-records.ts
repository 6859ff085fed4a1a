// Which of the records that dead writers left in the outbox did they chain before they died?
import type { Journal } from './journal.ts'
import { linesOf } from './lines.ts'
import type { OutboxRecord } from './outbox-store.ts'

const EVENT_ID = /"eventID":"([^"]*)"/g

/** The event ids of those that stand in their writer's chain. */
export async function findChained(
  journal: Journal,
  left: readonly OutboxRecord[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const writer of new Set(left.map((entry) => entry.writer))) {
    const sought = new Set(
      left.filter((entry) => entry.writer === writer).map(({ eventId }) => eventId),
    )
    try {
      for await (const line of linesOf(journal.read(writer))) {
        // Callers write parts of a record, but none of them knows the id of a record to come.
        for (const [, eventId = ''] of line.toString('utf8').matchAll(EVENT_ID)) {
          if (sought.has(eventId)) found.add(eventId)
        }
      }
    } catch (error) {
      // A chain that is not there holds nothing.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}
