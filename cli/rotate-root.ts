// keyhold seal rotate-root: a new root key over everything, under the same seal, while the server serves.
import type { Command } from 'commander'
import { callOperator } from './operator-client.ts'
import { type Options, print, secretOf } from './seal-options.ts'
import { askSecret } from './secret-prompt.ts'

type Opened = { Kind: string; Sealed: boolean; Given: number; Needed: number }
type Progress = { RowsDone?: number; Rows?: number }

const LOOK_EVERY_MS = 200
const BAR_WIDTH = 30

export function addRotateRoot(command: Command): void {
  command
    .description(
      'make a new root key and put everything under it; the old one opens nothing any more',
    )
    .option('--reset', 'forget the shares given so far, and give none')
    .addHelpText(
      'after',
      `
The seal stays as it is: the same passphrase, or the same shares, open it afterwards. They are asked for
once more; each keeper of a share runs this once, and the last one that it takes rotates.

Changes wait while it runs. Other servers on the same PostgreSQL refuse every call from then on, until they
have a copy of this server's root.key (or seal.json) and are started again. Backups from before open with the
old root key alone, which is kept in DIR/old-seals.

Examples:
  keyhold seal rotate-root --data /var/lib/keyhold
  keyhold seal rotate-root --passphrase-fd 3 3< /run/credentials/passphrase
`,
    )
    .action(async (options: Options & { reset?: boolean }) => {
      const opened = await openSeal(options)
      if (opened.Sealed) {
        const told = `${opened.Given} of ${opened.Needed} shares given; nothing is changed so far.`
        return print(options, opened, told)
      }
      const stop = showProgress(options.data)
      const answer = await callOperator(options.data, 'RotateRootKey', {}).finally(stop)
      return print(options, answer, report(answer))
    })
}

async function openSeal(options: Options & { reset?: boolean }): Promise<Opened> {
  const offer = async (input: object) =>
    (await callOperator(options.data, 'OpenSeal', input)) as Opened
  const before = await offer(options.reset ? { Reset: true } : {})
  if (!before.Sealed || options.reset) return before
  const isShares = before.Kind === 'shares'
  const question = isShares ? `Share ${before.Given + 1} of ${before.Needed}` : 'Passphrase'
  const secret = await secretOf(options, () => askSecret(question))
  const text = secret.toString('utf8')
  secret.fill(0)
  return offer(isShares ? { Share: text } : { Passphrase: text })
}

function report(answer: Record<string, unknown>): string {
  const { RootKeyId, Generation, Rows, PreviousRootKeyId, OldSeal } = answer
  return `The root key was rotated: ${Rows} rows are under the new one.

  root key   ${RootKeyId}, generation ${Generation}
  before     ${PreviousRootKeyId}, which opens nothing here any more

Now:
  keep a copy of the new root.key (or seal.json) where the copy of the old one is;
  make a backup: those from before open with the old root key alone, which is kept in
  ${OldSeal} until you remove it with the last of them;
  other servers on this database: copy root.key (or seal.json) to each, and start it again.`
}

/** Shows how far the server is, on a terminal; what it returns ends that. */
function showProgress(directory: string): () => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => {}
  let isOver = false
  const look = async () => {
    const { RowsDone, Rows }: Progress = await callOperator(directory, 'GetSealStatus', {})
    if (isOver || RowsDone === undefined || Rows === undefined) return
    const share = Rows === 0 ? 0 : RowsDone / Rows
    const bar = '█'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '░')
    stderr.write(`\r${bar} ${Math.floor(share * 100)} %  ${RowsDone} of ${Rows} rows\x1b[K`)
  }
  // What cannot be asked for now is asked for again.
  const timer = setInterval(() => look().catch(() => {}), LOOK_EVERY_MS)
  return () => {
    isOver = true
    clearInterval(timer)
    stderr.write('\r\x1b[K')
  }
}
