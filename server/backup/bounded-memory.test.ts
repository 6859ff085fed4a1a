// Backup and restore in bounded memory: what they hold at once does not grow with what there is.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openInstallation } from '../installation.ts'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { testServer } from '../testing/test-server.ts'
import { createBackup } from './create.ts'
import { emptyPlace, restoreInto } from './testing/restoring.ts'

const MEBIBYTE = 1024 * 1024
const BIG_ROWS = 200
const MANY_ROWS = 10_000
/** Two thirds of what the rows take up; three times as many rows take up no more (measured). */
const MAX_GROWTH_BYTES = 128 * MEBIBYTE
/** How much longer than it measures, it waits until it measures again. */
const PAUSES = 4

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function bytesInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** The most that was held at once while `work` was under way, beyond what was held before. */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const before = bytesInUse()
  let most = before
  let timer = setTimeout(measure, 0)
  function measure(): void {
    const startMs = performance.now()
    most = Math.max(most, bytesInUse())
    // In proportion to how long it takes here and now: measured all the time, the work would not get on.
    timer = setTimeout(measure, PAUSES * (performance.now() - startMs))
  }
  await work().finally(() => clearTimeout(timer))
  return most - before
}

it('big rows and many rows are backed up and restored in bounded memory', async () => {
  const server = await testServer()
  const { storage, directory } = server
  await storage.write((tx) =>
    sql`
      with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${BIG_ROWS + MANY_ROWS})
      insert into kms_keys (account, region, key_id, version, state, description, key_usage,
        key_spec, policy, material_id, created_at_ms)
      select '111122223333', 'us-east-1', 'key-' || n, 1, 'Enabled', '', 'ENCRYPT_DECRYPT',
        'SYMMETRIC_DEFAULT',
        case when n <= ${BIG_ROWS} then hex(zeroblob(${MEBIBYTE / 2})) else '{}' end, 'm', n
      from numbers`.execute(tx.db),
  )
  const rootKeyFile = join(directory, 'root.key')
  const file = join(directory, 'backup')
  const rootKey = readRootKeyFile(rootKeyFile)
  const backingUp = await growthDuring(() => createBackup({ storage, rootKey, directory }, file))
  expect(statSync(file).size).toBeGreaterThan(BIG_ROWS * MEBIBYTE)
  expect(backingUp).toBeLessThan(MAX_GROWTH_BYTES)

  const place = await emptyPlace('sqlite', rootKeyFile)
  const restoring = await growthDuring(() => restoreInto(place, file))
  expect(restoring).toBeLessThan(MAX_GROWTH_BYTES)
  const restored = await openInstallation(place)
  const { rows } = await sql<{ rows: number; characters: number }>`
    select count(*) as rows, sum(length(policy)) as characters from kms_keys`.execute(
    restored.storage.read,
  )
  expect(rows).toEqual([
    { rows: BIG_ROWS + MANY_ROWS, characters: BIG_ROWS * MEBIBYTE + MANY_ROWS * 2 },
  ])
  await restored.storage.close()
  await server.close()
}, 120_000)
