// The chains beside SQLite as rows of `trail_batches`, and back: in a backup, and on its way into the
// other kind of database, a trail is the same.
import { constants, createReadStream, readdirSync, statSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { readBatchLine } from './chain.ts'
import { linesOf } from './lines.ts'

export type BatchRow = {
  readonly chain_id: string
  readonly number: number
  readonly lines: Uint8Array
}

/** The table of batches, and its columns in the order in which a copy needs its rows. */
export const BATCHES = { table: 'trail_batches', columns: ['chain_id', 'number', 'lines'] } as const

const SUFFIX = '.jsonl'

/** How long each chain in the directory is at this moment; it only grows. */
export function measureJournal(directory: string): ReadonlyMap<string, number> {
  const folder = join(directory, 'trail')
  let names: string[] = []
  try {
    names = readdirSync(folder)
  } catch {
    // No chain was ever opened.
  }
  return new Map(
    names
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => [name.slice(0, -SUFFIX.length), statSync(join(folder, name)).size]),
  )
}

/** The complete batches among the first `bytes` of a chain. */
export async function* batchesOf(
  directory: string,
  chain: string,
  bytes: number,
): AsyncGenerator<BatchRow> {
  if (bytes === 0) return
  let lines: Buffer[] = []
  let number = 0
  const file = createReadStream(join(directory, 'trail', `${chain}${SUFFIX}`), { end: bytes - 1 })
  for await (const line of linesOf(file)) {
    lines.push(line)
    const text = line.toString('utf8')
    if (!text.endsWith('\n') || readBatchLine(text.trimEnd()) === undefined) continue
    yield { chain_id: chain, number: number++, lines: Buffer.concat(lines) }
    lines = []
  }
}

/** Writes chains as files; give it the batches of each chain together and in order. */
export async function journalCopier(directory: string) {
  const folder = join(directory, 'trail')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  let chain: string | undefined
  let file: FileHandle | undefined

  async function finishFile(): Promise<void> {
    const finished = file
    file = undefined
    chain = undefined
    if (finished === undefined) return
    await finished.sync().finally(() => finished.close())
  }

  return {
    async write(batch: BatchRow): Promise<void> {
      if (batch.chain_id !== chain) {
        await finishFile()
        if (!/^[0-9a-f-]{36}$/.test(batch.chain_id)) throw new Error('a chain has no proper name')
        const { O_WRONLY, O_CREAT, O_EXCL } = constants
        const path = join(folder, `${batch.chain_id}${SUFFIX}`)
        file = await open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        chain = batch.chain_id
      }
      await file?.writeFile(batch.lines)
    },
    /** Makes all of it durable. */
    async finish(): Promise<void> {
      await finishFile()
      const opened = await open(folder, constants.O_RDONLY)
      await opened.sync().finally(() => opened.close())
    },
    close: finishFile,
  }
}
