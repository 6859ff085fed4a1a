// How the root key of this installation is sealed, and the change of that.
import { chmodSync, rmSync } from 'node:fs'
import type { Place } from '../config.ts'
import { writeRootKeyFile } from '../seal/file-seal.ts'
import { sealWithPassphrase } from '../seal/passphrase-seal.ts'
import type { RootKey } from '../seal/root-key.ts'
import { type SealDocument, writeSealDocument } from '../seal/seal-document.ts'
import { sealWithShares } from '../seal/shares-seal.ts'

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

/** Puts the seal in place of the one there is. Interrupted at any moment, one of the two counts. */
export function putSeal(place: Place, root: RootKey, seal: NewSeal): void {
  if (seal.document !== undefined) {
    writeSealDocument(place.sealFile, seal.document)
    rmSync(place.rootKeyFile, { force: true })
    return
  }
  // The seal file counts for as long as it is there, so the key file comes first.
  rmSync(place.rootKeyFile, { force: true })
  writeRootKeyFile(place.rootKeyFile, root)
  chmodSync(place.rootKeyFile, 0o600)
  rmSync(place.sealFile, { force: true })
}
