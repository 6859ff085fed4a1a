// The trail as someone sees it who can write its files or rows: chain by chain, batch by batch.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Storage } from '../../../storage/storage.ts'
import type { Journal } from '../journal.ts'
import { fileJournal } from '../journal-file.ts'
import { tableJournal } from '../journal-store.ts'
import type { TrailTables } from '../tables.ts'

export type OpenTrail = {
  readonly journal: Journal
  /** The batches of a chain; what follows the last one comes last. */
  batches(chain: string): Promise<Buffer[]>
  /** Puts these in their place; nothing removes the chain. */
  replace(chain: string, batches: readonly Buffer[] | undefined): Promise<void>
}

/** The journal that belongs to the database, and a way into it past the server. */
export function trailBeside(storage: Storage): OpenTrail {
  return storage.dialect === 'sqlite' ? inFiles() : inTable(storage)
}

function inFiles(): OpenTrail {
  const directory = join(mkdtempSync(join(tmpdir(), 'keyhold-trail-')), 'trail')
  onTestFinished(() => rmSync(join(directory, '..'), { recursive: true, force: true }))
  const pathOf = (chain: string) => join(directory, `${chain}.jsonl`)
  return {
    journal: fileJournal(directory),
    async batches(chain) {
      const text = readFileSync(pathOf(chain), 'utf8')
      return text.split(/(?<=\n\{"batch":.*\n)/).map((batch) => Buffer.from(batch))
    },
    async replace(chain, batches) {
      mkdirSync(directory, { recursive: true })
      if (batches !== undefined) writeFileSync(pathOf(chain), Buffer.concat(batches))
      else if (existsSync(pathOf(chain))) rmSync(pathOf(chain))
    },
  }
}

function inTable(storage: Storage): OpenTrail {
  return {
    journal: tableJournal(storage),
    async batches(chain) {
      const rows = await storage.read
        .$extendTables<TrailTables>()
        .selectFrom('trail_batches')
        .selectAll()
        .where('chain_id', '=', chain)
        .orderBy('number')
        .execute()
      return rows.map(({ lines }) => Buffer.from(lines))
    },
    async replace(chain, batches) {
      await storage.write(async (tx) => {
        const db = tx.db.$extendTables<TrailTables>()
        await db.deleteFrom('trail_batches').where('chain_id', '=', chain).execute()
        for (const [number, lines] of (batches ?? []).entries()) {
          await db.insertInto('trail_batches').values({ chain_id: chain, number, lines }).execute()
        }
      })
    },
  }
}
