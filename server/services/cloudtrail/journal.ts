// Where the batches of a chain are kept: files beside SQLite, a table in PostgreSQL.

/** The writing end, for the one process that owns the chain. */
export type JournalWriter = {
  /**
   * Makes a batch durable and then calls `settle`. After a failure the same batch is given again
   * before any other, and must then stand there once.
   */
  append(number: number, lines: Buffer, settle: (failure: Error | undefined) => void): void
  close(): Promise<void>
}

export type Journal = {
  create(chain: string): Promise<JournalWriter>
  /** The chains that are there, in no particular order. */
  list(): Promise<readonly string[]>
  /** The chain's bytes in order, in pieces of any size. */
  read(chain: string): AsyncIterable<Uint8Array>
  /** The last complete batch line of the chain, or nothing. */
  lastBatchLine(chain: string): Promise<string | undefined>
}
