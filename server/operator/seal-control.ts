// How the root key of this installation is sealed, and the change of that.
import { existsSync } from 'node:fs'
import type { Place } from '../config.ts'
import { nextName, removeDurably } from '../seal/durable-file.ts'
import { putRootKeyFile, readRootKeyFile } from '../seal/file-seal.ts'
import { sealWithPassphrase } from '../seal/passphrase-seal.ts'
import type { RootKey } from '../seal/root-key.ts'
import { type SealDocument, writeSealDocument } from '../seal/seal-document.ts'
import { sealWithShares } from '../seal/shares-seal.ts'
import { stagedName } from './seal-succession.ts'

/** A way of sealing, with what it takes. The passphrase is zeroed by whoever seals with it. */
export type SealChoice =
  | { readonly kind: 'file' }
  | { readonly kind: 'passphrase'; readonly passphrase: Buffer }
  | { readonly kind: 'shares'; readonly shares: number; readonly threshold: number }

/** A seal made but not yet put in place. */
export type NewSeal = {
  readonly kind: SealChoice['kind']
  readonly document: SealDocument | undefined
  /** Told once to those who will keep them; empty for the other kinds. */
  readonly shares: readonly string[]
}

/** Seals the root key in this way, without putting it in place. */
export async function makeSeal(root: RootKey, choice: SealChoice): Promise<NewSeal> {
  switch (choice.kind) {
    case 'file':
      return { kind: 'file', document: undefined, shares: [] }
    case 'passphrase': {
      const document = await sealWithPassphrase(root, choice.passphrase)
      return { kind: 'passphrase', document, shares: [] }
    }
    case 'shares': {
      const { document, shares } = await sealWithShares(root, choice.shares, choice.threshold)
      return { kind: 'shares', document, shares }
    }
  }
}

/**
 * Puts the seal in place of the one there is. The seal file counts for as long as it is there, so
 * interrupted at any moment one of the two counts, whole.
 */
export function putSeal(place: Place, root: RootKey, seal: NewSeal): void {
  if (seal.document !== undefined) {
    writeSealDocument(place.sealFile, seal.document)
    removeDurably(place.rootKeyFile)
  } else {
    putRootKeyFile(place.rootKeyFile, root)
    removeDurably(place.sealFile)
  }
}

/** Removes what was never finished. The owner of the directory calls it, before anything is unsealed. */
export function discardUnfinishedSeals({ sealFile, rootKeyFile }: Place): void {
  for (const file of [sealFile, rootKeyFile]) {
    removeDurably(nextName(file))
    removeDurably(nextName(stagedName(file)))
  }
}

/**
 * Removes the root key's file where an interrupted change left it beside the seal file. Only once the
 * seal gave this root key, and only a file with the same: another may be somebody's last copy. Answers
 * the file that was left alone, if any.
 */
export function discardLeftRootKey(place: Place, root: RootKey): string | undefined {
  if (!existsSync(place.sealFile) || !existsSync(place.rootKeyFile)) return undefined
  if (!holds(place.rootKeyFile, root)) return place.rootKeyFile
  removeDurably(place.rootKeyFile)
  return undefined
}

function holds(file: string, root: RootKey): boolean {
  try {
    return readRootKeyFile(file).id === root.id
  } catch {
    return false
  }
}
