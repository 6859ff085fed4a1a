// Where batches are kept, files and table: what was given is there once, in order, and bytes survive.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dialects } from '../../storage/testing/dialects.ts'
import { batchLine } from './chain.ts'
import type { JournalWriter } from './journal.ts'
import { fileJournal } from './journal-file.ts'
import { trailMigration } from './migrations/0001-trail.ts'
import { trailBeside } from './testing/tampering.ts'
import { newHeadKeys } from './testing/trail-parts.ts'

const CHAIN = '11111111-2222-4333-8444-555555555555'
const keys = newHeadKeys()

function append(writer: JournalWriter, number: number, lines: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    writer.append(number, lines, (failure) => (failure ? reject(failure) : resolve())),
  )
}

/** A batch as the trail makes them; the journal looks at its last line only. */
function batch(number: number, text: string): Buffer {
  return Buffer.from(`${text}\n${batchLine(keys, CHAIN, number, 1, 'ab'.repeat(32), false)}`)
}

describe.each(dialects)('The journal beside $name', (dialect) => {
  const fresh = async () => trailBeside(await dialect.freshStorage([trailMigration]))

  async function readAll({ journal }: Awaited<ReturnType<typeof fresh>>): Promise<string> {
    const pieces: Uint8Array[] = []
    for await (const piece of journal.read(CHAIN)) pieces.push(piece)
    return Buffer.concat(pieces).toString('utf8')
  }

  it('gives the batches of a chain again, in order and byte by byte', async () => {
    const trail = await fresh()
    const writer = await trail.journal.create(CHAIN)
    const batches = ['{"a":"ü€😀"}', 'x'.repeat(300_000), 'c'].map((text, at) => batch(at, text))
    for (const [number, lines] of batches.entries()) await append(writer, number, lines)
    await writer.close()
    expect(await readAll(trail)).toBe(Buffer.concat(batches).toString('utf8'))
    expect(await trail.journal.list()).toEqual([CHAIN])
  })

  it('finds the last complete batch line, also behind a torn append of any length', async () => {
    const trail = await fresh()
    const writer = await trail.journal.create(CHAIN)
    expect(await trail.journal.lastBatchLine(CHAIN)).toBeUndefined()
    for (const number of [0, 1]) await append(writer, number, batch(number, 'record'))
    const expected = batch(1, 'record').toString().split('\n')[1]
    expect(await trail.journal.lastBatchLine(CHAIN)).toBe(expected)
    if (dialect.name === 'sqlite') {
      const torn = Buffer.alloc(100_000, 'x')
      await trail.replace(CHAIN, [batch(0, 'record'), batch(1, 'record'), torn])
      expect(await trail.journal.lastBatchLine(CHAIN)).toBe(expected)
    }
    await writer.close()
  })

  if (dialect.name === 'postgres') {
    it('keeps a batch once that is given twice', async () => {
      const trail = await fresh()
      const writer = await trail.journal.create(CHAIN)
      for (let times = 0; times < 2; times++) await append(writer, 0, batch(0, 'once'))
      expect(await readAll(trail)).toBe(batch(0, 'once').toString())
    })
  } else {
    it('refuses to write into a chain that exists', async () => {
      const { journal } = await fresh()
      const writer = await journal.create(CHAIN)
      await expect(journal.create(CHAIN)).rejects.toThrow(/EEXIST/)
      await writer.close()
    })
  }

  it('lists nothing where there is no trail, and refuses to read a chain that is not there', async () => {
    const trail = await fresh()
    expect(await trail.journal.list()).toEqual([])
    if (dialect.name === 'sqlite') await expect(readAll(trail)).rejects.toThrow(/ENOENT/)
    else expect(await readAll(trail)).toBe('')
  })
})

it('Files of the trail are for their owner alone, and one without a batch does not stay', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'keyhold-journal-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const directory = join(parent, 'trail')
  const journal = fileJournal(directory)
  const writer = await journal.create(CHAIN)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(statSync(join(directory, `${CHAIN}.jsonl`)).mode & 0o777).toBe(0o600)
  await writer.close()
  expect(await journal.list()).toEqual([])
})

it('A file is closed when the append under way has ended, and takes no more', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'keyhold-journal-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const journal = fileJournal(parent)
  const writer = await journal.create(CHAIN)
  const appended = append(writer, 0, batch(0, 'record'))
  await writer.close()
  await appended
  await expect(append(writer, 1, batch(1, 'late'))).rejects.toThrow('the journal is closed')
  expect(await journal.lastBatchLine(CHAIN)).toMatch(/"number":0/)
})
