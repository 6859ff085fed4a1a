// keyhold backup: everything of a running server, in one encrypted file.
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { callOperator } from './operator-client.ts'
import { onServer } from './server-options.ts'

type Options = { data: string; to: string; output: string }

const LOOK_EVERY_MS = 200
const MEBIBYTE = 1024 * 1024

export function addBackupCommand(program: Command): void {
  onServer(program.command('backup'))
    .description('back up a running server into one encrypted file, without stopping it')
    .requiredOption('--to <file>', 'a new file, on the server’s machine; never replaced')
    .addHelpText(
      'after',
      `
The file holds keys, accounts, access keys and the audit trail, and opens with the root key alone,
which is not in it: keep root.key (or seal.json and what unseals it) elsewhere. docs/backup.md has more.

Examples:
  keyhold backup --to /backups/$(date +%F).keyhold
  keyhold backup --data /var/lib/keyhold --to /backups/now.keyhold --output json
`,
    )
    .action(async (options: Options) => {
      const file = resolve(options.to)
      const stop = showProgress(options.data, `${file}.partial`)
      try {
        report(options, await callOperator(options.data, 'CreateBackup', { File: file }))
      } finally {
        stop()
      }
    })
}

function report(options: Options, answer: Record<string, unknown>): void {
  const { BackupId, CreatedAt, File, Bytes, Rows } = answer
  if (options.output === 'json') {
    const made = { backupId: BackupId, createdAt: CreatedAt, file: File, bytes: Bytes, rows: Rows }
    process.stdout.write(`${JSON.stringify(made)}\n`)
    return
  }
  process.stdout.write(`Backed up into ${File} (${inMebibytes(Number(Bytes))}, ${Rows} rows)

  backup   ${BackupId}
  made at  ${CreatedAt}

It opens with the root key of this installation alone. Try it now and then, in an empty directory
that holds a copy of root.key (or seal.json):  keyhold restore --data DIR --from ${File}
`)
}

/** Shows how the file grows, on a terminal; what it returns ends that. */
function showProgress(directory: string, partial: string): () => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => {}
  const expected = expectedBytes(directory)
  const timer = setInterval(() => {
    const bytes = sizeOf(partial)
    // An estimate: never whole before the answer is there.
    const percent = Math.min(99, Math.floor((100 * bytes) / expected))
    const bar = '█'.repeat(Math.round(percent * 0.3)).padEnd(30, '░')
    stderr.write(`\r${expected === 0 ? '' : `${bar} ${percent} %  `}${inMebibytes(bytes)}\x1b[K`)
  }, LOOK_EVERY_MS)
  return () => {
    clearInterval(timer)
    stderr.write('\r\x1b[K')
  }
}

/** About what the database and the trail take up; 0 where they are not here. */
function expectedBytes(directory: string): number {
  let trail: string[] = []
  try {
    trail = readdirSync(join(directory, 'trail'))
  } catch {
    // Kept in PostgreSQL, or not ours to read.
  }
  return ['keyhold.db', ...trail.map((name) => join('trail', name))]
    .map((name) => sizeOf(join(directory, name)))
    .reduce((sum, bytes) => sum + bytes, 0)
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}
