// The program of `otherProcess`: opens the place it was given and does as it is told.

import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openStorage, type Place, type Transaction } from '../storage.ts'
import type { Task } from './other-process.ts'

const storage = await openStorage(JSON.parse(process.argv[2] ?? '') as Place)

const countOne = (tx: Transaction) => sql`update tally set n = n + 1`.execute(tx.db)

async function perform(task: Task): Promise<number> {
  let slowestMs = 0
  const times = task.do === 'count' ? task.count : 1
  for (let time = 0; time < times; time++) {
    const startedAtMs = performance.now()
    await storage.write(async (tx) => {
      if (task.do === 'announce') await tx.announce(task.topic, task.subject)
      else if (task.do === 'count') await countOne(tx)
      else {
        process.send?.(0)
        await sleep(task.ms)
      }
    })
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs)
  }
  return slowestMs
}

process.on('message', (task: Task) => {
  perform(task).then(
    (slowestMs) => process.send?.(slowestMs),
    (error: unknown) => process.send?.(String(error)),
  )
})
process.on('disconnect', () => process.exit())
process.send?.(0)
