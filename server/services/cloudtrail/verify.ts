// Verification of the whole trail: every chain is whole, signed, and where other chains say it was.
// What it cannot see by itself: a cut tail or a rolled-back directory. A checkpoint kept elsewhere can.
import {
  firstHead,
  type Head,
  isSignedBatch,
  nextHead,
  type Opening,
  type RestoredFrom,
  readBatchLine,
  readOpeningLine,
} from './chain.ts'
import type { RegisteredChain } from './chain-store.ts'
import type { Journal } from './journal.ts'
import { linesOf } from './lines.ts'

export type Verification = {
  readonly valid: boolean
  /** What is wrong, in sentences; empty where the trail verifies. */
  readonly problems: readonly string[]
  readonly chains: number
  readonly records: number
  /** Records of changes that are stored but not yet in a chain. */
  readonly unchained: number
  /** Bytes after the last complete batch of a chain: an append that was cut off and never answered. */
  readonly tornBytes: number
  /** Every restore from a backup: the chain it began, and the backup, whose state counts from there on. */
  readonly epochs: readonly Epoch[]
  /** The last head of every chain: keep it elsewhere and give it to a later verification. */
  readonly checkpoint: readonly Head[]
}

export type Epoch = RestoredFrom & { readonly chain: string; readonly restoredAt: string }

export type VerifyParts = {
  readonly journal: Journal
  /** Every chain ever opened; asked before and after the walk, since a server may be starting. */
  readonly registered: () => Promise<readonly RegisteredChain[]>
  /** The key that signs heads, DER SubjectPublicKeyInfo; from the database, not from the chains. */
  readonly publicKey: Buffer
  readonly unchained: number
  /** Heads that an earlier verification saw. */
  readonly checkpoint: readonly Head[]
  readonly onRecord: (record: string) => void
}

type WalkedChain = {
  readonly opening: Opening | undefined
  readonly heads: readonly string[]
  readonly records: number
  readonly tornBytes: number
}

export async function verifyTrail(parts: VerifyParts): Promise<Verification> {
  const { journal, registered, publicKey, onRecord } = parts
  const problems: string[] = []
  const walked = new Map<string, WalkedChain>()
  const broken = new Set<string>()
  const registeredBefore = await registered()
  const present = await journal.list()
  for (const chain of present) {
    const report = (problem: string) => {
      broken.add(chain)
      problems.push(`chain ${chain}: ${problem}`)
    }
    walked.set(chain, await walk(journal, chain, publicKey, report, onRecord))
  }
  for (const { chain, closedAtBatch } of registeredBefore) {
    const heads = walked.get(chain)?.heads
    if (heads === undefined) {
      problems.push(`chain ${chain}: missing, but it was opened`)
    } else if (closedAtBatch !== null && heads.length <= closedAtBatch && !broken.has(chain)) {
      problems.push(`chain ${chain}: ends before batch ${closedAtBatch}, at which it was closed`)
    }
  }
  const registeredAfter = new Set((await registered()).map(({ chain }) => chain))
  for (const [chain, { heads }] of walked) {
    if (registeredAfter.has(chain)) {
      if (heads.length === 0) problems.push(`chain ${chain}: has no complete batch`)
    } else if (heads.length > 1) {
      // Without records it is what an interrupted start leaves: its opening, or a piece of it.
      problems.push(`chain ${chain}: was never opened by this installation`)
    }
  }
  const named = [...walked.values()].flatMap(({ opening }) =>
    (opening?.previous ?? []).map((head) => ({ ...head, by: `chain ${opening?.chain}` })),
  )
  const checkpoint = parts.checkpoint.map((head) => ({ ...head, by: 'the checkpoint' }))
  for (const { chain, batch, head, by } of [...named, ...checkpoint]) {
    const found = walked.get(chain)?.heads[batch]
    if (found === head) continue
    problems.push(
      found === undefined
        ? `chain ${chain}: ends before batch ${batch}, which ${by} names`
        : `chain ${chain}: batch ${batch} is not the one that ${by} names`,
    )
  }
  const chains = [...walked.entries()]
  return {
    valid: problems.length === 0,
    problems,
    chains: chains.length,
    records: chains.reduce((sum, [, { records }]) => sum + records, 0),
    unchained: parts.unchained,
    tornBytes: chains.reduce((sum, [, { tornBytes }]) => sum + tornBytes, 0),
    epochs: chains.flatMap(([chain, { opening }]) =>
      opening?.restored === undefined
        ? []
        : [{ chain, restoredAt: opening.openedAt, ...opening.restored }],
    ),
    checkpoint: chains.flatMap(([chain, { heads }]) => {
      const head = heads.at(-1)
      return head === undefined ? [] : [{ chain, batch: heads.length - 1, head }]
    }),
  }
}

async function walk(
  journal: Journal,
  chain: string,
  publicKey: Buffer,
  report: (problem: string) => void,
  onRecord: (record: string) => void,
): Promise<WalkedChain> {
  let head = firstHead(chain)
  let lines: Buffer[] = []
  let opening: Opening | undefined
  let records = 0
  const heads: string[] = []
  for await (const line of linesOf(journal.read(chain))) {
    const text = line.toString('utf8')
    const batch = text.endsWith('\n') ? readBatchLine(text.slice(0, -1)) : undefined
    if (batch === undefined) {
      lines.push(line)
      continue
    }
    head = nextHead(head, Buffer.concat(lines))
    if (batch.number !== heads.length) {
      report(`batch ${heads.length} is missing; batch ${batch.number} stands in its place`)
      return { opening, heads, records, tornBytes: 0 }
    }
    if (batch.head !== head.toString('hex')) {
      report(`the records of batch ${batch.number} are not those that were written`)
      return { opening, heads, records, tornBytes: 0 }
    }
    if (!isSignedBatch(publicKey, chain, batch)) {
      report(`the head of batch ${batch.number} is not signed by this installation's key`)
      return { opening, heads, records, tornBytes: 0 }
    }
    if (batch.number === 0) {
      opening = readOpeningLine(lines[0]?.toString('utf8').trimEnd() ?? '')
      if (opening?.chain !== chain) report('does not begin with its own opening')
    } else {
      if (batch.records !== lines.length) report(`batch ${batch.number} has lost records`)
      for (const record of lines) onRecord(record.toString('utf8').trimEnd())
      records += lines.length
    }
    heads.push(batch.head)
    lines = []
  }
  return { opening, heads, records, tornBytes: lines.reduce((sum, line) => sum + line.length, 0) }
}
