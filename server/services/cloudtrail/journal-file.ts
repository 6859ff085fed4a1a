// Chains as files: one append per batch on an O_APPEND|O_DSYNC descriptor, never two under way.
import { constants, createReadStream, ftruncate, write } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Journal, JournalWriter } from './journal.ts'
import { lastBatchLineIn } from './lines.ts'

const SUFFIX = '.jsonl'
const TAIL_BYTES = 4096

type Settle = Parameters<JournalWriter['append']>[2]

export function fileJournal(directory: string): Journal {
  const pathOf = (chain: string) => join(directory, `${chain}${SUFFIX}`)
  return {
    async create(chain) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_DSYNC } = constants
      const path = pathOf(chain)
      const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_DSYNC, 0o600)
      // The name of a new file is durable only once its directory is.
      const folder = await open(directory, constants.O_RDONLY)
      await folder.sync().finally(() => folder.close())
      return fileWriter(file, path)
    },
    async list() {
      const names = await readdir(directory).catch(() => [])
      return names
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
    },
    read: (chain) => createReadStream(pathOf(chain)),
    async lastBatchLine(chain) {
      const file = await open(pathOf(chain), constants.O_RDONLY)
      try {
        const { size } = await file.stat()
        // A batch line is short, but a torn write may follow it: look further back until one is found.
        for (let tail = TAIL_BYTES; ; tail *= 16) {
          const from = Math.max(0, size - tail)
          const bytes = Buffer.alloc(size - from)
          await file.read(bytes, 0, bytes.length, from)
          // Another process may be writing it: what is named must not be lost with the machine's power.
          await file.datasync()
          const line = lastBatchLineIn(bytes)
          if (line !== undefined || from === 0) return line
        }
      } finally {
        await file.close()
      }
    },
  }
}

function fileWriter(file: Awaited<ReturnType<typeof open>>, path: string): JournalWriter {
  let durableBytes = 0
  /** A failed append may have left part of itself: it is cut off before the next. */
  let torn = false

  function put(lines: Buffer, from: number, settle: Settle): void {
    write(file.fd, lines, from, lines.length - from, null, (error, written) => {
      if (error !== null || written === 0) {
        torn = true
        settle(error ?? new Error('the journal takes nothing'))
      } else if (from + written < lines.length) {
        // A disk that fills up takes part of a batch: the next write tells why it took no more.
        torn = true
        put(lines, from + written, settle)
      } else {
        torn = false
        durableBytes += lines.length
        settle(undefined)
      }
    })
  }

  function putWhole(lines: Buffer, settle: Settle): void {
    if (!torn) {
      put(lines, 0, settle)
      return
    }
    ftruncate(file.fd, durableBytes, (error) => {
      if (error !== null) {
        settle(error)
        return
      }
      torn = false
      put(lines, 0, settle)
    })
  }

  /** Resolves when no append is under way. */
  let idle: Promise<void> = Promise.resolve()
  let isClosed = false

  return {
    append(_number, lines, settle) {
      if (isClosed) {
        setImmediate(settle, new Error('the journal is closed'))
        return
      }
      idle = new Promise((resolve) => {
        putWhole(lines, (failure) => {
          resolve()
          settle(failure)
        })
      })
    },
    async close() {
      isClosed = true
      await idle
      await file.close()
      // Nothing was ever durable in it: a start that failed leaves no file behind.
      if (durableBytes === 0) await rm(path, { force: true })
    },
  }
}
