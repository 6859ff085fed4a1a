// A backup as a file: what was written comes out, and nothing else ever does.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { randomBytes } from '../crypto/random.ts'
import { newRootKey } from '../seal/file-seal.ts'
import { openBackupFile } from './backup-reader.ts'
import { createBackupFile } from './backup-writer.ts'
import { CHUNK_BYTES, MAGIC, WRAPPED_KEY_BYTES } from './envelope.ts'
import { DamagedBackupError } from './errors.ts'

const root = newRootKey()
const SEALED_CHUNK_BYTES = 4 + 44 + CHUNK_BYTES

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-backup-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function write(content: Buffer, pieceBytes = 100_000, rootKey = root): Promise<string> {
  const file = join(freshDirectory(), 'backup')
  const writer = await createBackupFile(file, rootKey, 'sqlite')
  for (let at = 0; at < content.length; at += pieceBytes) {
    await writer.write(content.subarray(at, at + pieceBytes))
  }
  expect(await writer.finish()).toBe(statSync(file).size)
  return file
}

async function read(file: string, rootKey = root): Promise<Buffer> {
  const reader = await openBackupFile(file, () => rootKey)
  try {
    const pieces: Buffer[] = []
    for await (const piece of reader.read()) pieces.push(piece)
    return Buffer.concat(pieces)
  } finally {
    await reader.close()
  }
}

/** The content of a file whose bytes were changed. */
function readChanged(bytes: Buffer): Promise<Buffer> {
  const file = join(freshDirectory(), 'changed')
  writeFileSync(file, bytes)
  return read(file)
}

/** The file in parts: what comes before the chunks, and the chunks. */
function partsOf(file: string): { head: Buffer; chunks: Buffer[] } {
  const bytes = readFileSync(file)
  const headBytes = MAGIC.length + 4 + bytes.readUInt32BE(MAGIC.length) + WRAPPED_KEY_BYTES
  const chunks: Buffer[] = []
  for (let at = headBytes; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return { head: bytes.subarray(0, headBytes), chunks }
}

it.each([
  0,
  1,
  CHUNK_BYTES - 1,
  CHUNK_BYTES,
  CHUNK_BYTES + 1,
  3 * CHUNK_BYTES,
  3 * CHUNK_BYTES + 5,
])('%i bytes come out as they went in', async (length) => {
  const content = randomBytes(length)
  for (const pieceBytes of [CHUNK_BYTES - 3, CHUNK_BYTES, 5 * CHUNK_BYTES]) {
    const file = await write(content, pieceBytes)
    expect((await read(file)).equals(content)).toBe(true)
    const { chunks } = partsOf(file)
    expect(chunks).toHaveLength(Math.max(1, Math.ceil(length / CHUNK_BYTES)))
    for (const chunk of chunks.slice(0, -1)) expect(chunk).toHaveLength(SEALED_CHUNK_BYTES)
  }
})

it('only its owner may read the file, which has its name only when it is whole', async () => {
  const directory = freshDirectory()
  const file = join(directory, 'backup')
  const writer = await createBackupFile(file, root, 'postgres')
  await writer.write(Buffer.from('content'))
  expect(readdirSync(directory)).toEqual(['backup.partial'])
  expect(statSync(`${file}.partial`).mode & 0o777).toBe(0o600)
  await writer.finish()
  expect(readdirSync(directory)).toEqual(['backup'])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  // Too late: it is a backup now.
  await writer.discard()
  expect(await read(file)).toEqual(Buffer.from('content'))
})

it('a file that is there is never replaced, and what was given up leaves nothing', async () => {
  const directory = freshDirectory()
  const file = join(directory, 'backup')
  writeFileSync(file, 'mine')
  await expect(createBackupFile(file, root, 'sqlite')).rejects.toMatchObject({ code: 'EEXIST' })
  rmSync(file)
  const writer = await createBackupFile(file, root, 'sqlite')
  await expect(createBackupFile(file, root, 'sqlite')).rejects.toMatchObject({ code: 'EEXIST' })
  writeFileSync(file, 'mine')
  await expect(writer.finish()).rejects.toMatchObject({ code: 'EEXIST' })
  await writer.discard()
  await writer.discard()
  expect(readdirSync(directory)).toEqual(['backup'])
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

it('a process that stops in the middle leaves nothing', () => {
  const directory = freshDirectory()
  const script = `
    const { createBackupFile } = await import('${new URL('./backup-writer.ts', import.meta.url)}')
    const { newRootKey } = await import('${new URL('../seal/file-seal.ts', import.meta.url)}')
    const { existsSync } = await import('node:fs')
    const writer = await createBackupFile('${directory}/backup', newRootKey(), 'sqlite')
    await writer.write(Buffer.alloc(1_000_000))
    process.exit(existsSync('${directory}/backup.partial') ? 7 : 8)`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  expect(status).toBe(7)
  expect(readdirSync(directory)).toEqual([])
})

it('a bit that flipped anywhere is found', async () => {
  const bytes = readFileSync(await write(randomBytes(CHUNK_BYTES + 100)))
  const everywhere = [...bytes.keys()].filter((at) => at < 700 || at % 4001 === 0)
  for (const at of [...everywhere, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at)
    await expect(readChanged(changed), `byte ${at}`).rejects.toThrow(DamagedBackupError)
  }
})

it('a file that was cut off anywhere, or grew, is refused', async () => {
  const file = await write(randomBytes(2 * CHUNK_BYTES + 100))
  const bytes = readFileSync(file)
  const { head, chunks } = partsOf(file)
  const ends = [0, 5, 20, 100, head.length, head.length + 2, bytes.length - 1]
  const boundaries = chunks.map((_, index) => head.length + index * SEALED_CHUNK_BYTES)
  for (const end of [...ends, ...boundaries]) {
    await expect(readChanged(bytes.subarray(0, end)), `cut at ${end}`).rejects.toThrow(
      DamagedBackupError,
    )
  }
  for (const more of [Buffer.of(0), chunks[0] as Buffer, chunks[2] as Buffer]) {
    await expect(readChanged(Buffer.concat([bytes, more]))).rejects.toThrow(DamagedBackupError)
  }
})

it('chunks that were moved, left out, doubled or taken from another backup are refused', async () => {
  const content = randomBytes(3 * CHUNK_BYTES)
  const { head, chunks } = partsOf(await write(content))
  const other = partsOf(await write(content))
  const [a, b, c] = chunks as [Buffer, Buffer, Buffer]
  expect((await readChanged(Buffer.concat([head, a, b, c]))).equals(content)).toBe(true)
  for (const [what, changed] of Object.entries({
    moved: [head, b, a, c],
    'left out': [head, a, c],
    doubled: [head, a, a, b, c],
    'last one first': [head, c],
    'spliced in the middle': [head, a, other.chunks[1] as Buffer, c],
    'spliced at the end': [head, a, b, other.chunks[2] as Buffer],
    'under another head': [other.head, a, b, c],
  })) {
    await expect(readChanged(Buffer.concat(changed)), what).rejects.toThrow(DamagedBackupError)
  }
})

it('what the header says is bound to the key: neither date nor source can be changed', async () => {
  const bytes = readFileSync(await write(Buffer.from('content')))
  const changed = (from: string, to: string) =>
    readChanged(Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1'))
  const { createdAt } = (await openBackupFile(await write(Buffer.alloc(0)), () => root)).header
  await expect(changed(createdAt.slice(0, 4), '2020')).rejects.toThrow('its header was changed')
  await expect(changed('"format":1', '"format":2')).rejects.toThrow(
    'its header is not one that this release writes',
  )
})

it('another root key opens nothing', async () => {
  const file = await write(Buffer.from('content'))
  await expect(read(file, newRootKey())).rejects.toThrow('another root key sealed it')
})

it('what is no backup at all is refused', async () => {
  await expect(readChanged(Buffer.alloc(0))).rejects.toThrow('it is cut off')
  await expect(readChanged(randomBytes(5000))).rejects.toThrow('it is no backup of this format')
})

it('the same content twice has nothing in common', async () => {
  const content = Buffer.alloc(4096, 'the same ')
  const [left, right] = [partsOf(await write(content)), partsOf(await write(content))]
  expect((left.chunks[0] as Buffer).equals(right.chunks[0] as Buffer)).toBe(false)
  expect(left.chunks[0]?.includes('the same')).toBe(false)
})
