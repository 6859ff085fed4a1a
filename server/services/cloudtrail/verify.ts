// Verification of the whole trail: every chain is whole, vouched for, and where other chains say it was.
// What it cannot see by itself: a cut tail or a rolled-back directory. A checkpoint kept elsewhere can.
import type { Head, RestoredFrom } from './chain.ts'
import type { RegisteredChain } from './chain-store.ts'
import type { Journal } from './journal.ts'
import { type VerifyingKeys, type WalkedChain, walkChain } from './walk-chain.ts'

export type Verification = {
  readonly valid: boolean
  /** What is wrong, in sentences; empty where the trail verifies. */
  readonly problems: readonly string[]
  readonly chains: number
  readonly records: number
  /** Records of changes that are stored but not yet in a chain. */
  readonly unchained: number
  /** Whether the MACs were verified, too: only the root key can. */
  readonly areMacsVerified: boolean
  /** The chains whose last records no signature reaches yet. */
  readonly unsigned: readonly UnsignedTail[]
  /** Bytes after the last complete batch of a chain: an append that was cut off and never answered. */
  readonly tornBytes: number
  /** Every restore from a backup: the chain it began, and the backup, whose state counts from there on. */
  readonly epochs: readonly Epoch[]
  /** The last head of every chain: keep it elsewhere and give it to a later verification. */
  readonly checkpoint: readonly Head[]
}

export type Epoch = RestoredFrom & { readonly chain: string; readonly restoredAt: string }

/** Behind the batch that was signed last only MACs vouch; without the root key nothing does. */
export type UnsignedTail = {
  readonly chain: string
  readonly signedBatch: number
  readonly records: number
}

export type VerifyParts = {
  readonly journal: Journal
  /** Every chain ever opened; asked before and after the walk, since a server may be starting. */
  readonly registered: () => Promise<readonly RegisteredChain[]>
  /** From the database or the operator, not from the chains. */
  readonly keys: VerifyingKeys
  readonly unchained: number
  /** Heads that an earlier verification saw. */
  readonly checkpoint: readonly Head[]
  readonly onRecord: (record: string) => void
}

export async function verifyTrail(parts: VerifyParts): Promise<Verification> {
  const { journal, registered, keys, onRecord } = parts
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
    walked.set(chain, await walkChain(journal, chain, keys, report, onRecord))
  }
  for (const { chain, closedAtBatch } of registeredBefore) {
    const found = walked.get(chain)
    if (found === undefined) {
      problems.push(`chain ${chain}: missing, but it was opened`)
    } else if (closedAtBatch !== null && !broken.has(chain)) {
      if (found.heads.length <= closedAtBatch) {
        problems.push(`chain ${chain}: ends before batch ${closedAtBatch}, at which it was closed`)
      } else if (found.signedBatch < closedAtBatch) {
        problems.push(`chain ${chain}: was closed, but its last head is not signed`)
      }
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
    records: chains.reduce((sum, [, { recordsUpTo }]) => sum + (recordsUpTo.at(-1) ?? 0), 0),
    unchained: parts.unchained,
    areMacsVerified: keys.macKey !== undefined,
    unsigned: chains.flatMap(([chain, found]) => unsignedTail(chain, found, named)),
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

/** An opening that names a head signs it. */
function unsignedTail(
  chain: string,
  { heads, recordsUpTo, signedBatch: ownBatch }: WalkedChain,
  named: readonly Head[],
): UnsignedTail[] {
  let signedBatch = ownBatch
  for (const head of named) {
    if (head.chain === chain && heads[head.batch] === head.head) {
      signedBatch = Math.max(signedBatch, head.batch)
    }
  }
  const records = (recordsUpTo.at(-1) ?? 0) - (recordsUpTo[signedBatch] ?? 0)
  return records === 0 ? [] : [{ chain, signedBatch, records }]
}
