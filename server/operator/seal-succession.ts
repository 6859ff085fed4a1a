// The seal of the next root key beside that of the present one, for the time of a rotation. Which of them
// counts is for the database to say: it names a root key, and changes that in one transaction.
//
//   root.key ─▶ root.key and root.key.next-root ─▶ transaction ─┬─ committed: root.key is kept in old-seals/,
//                                                               │  root.key.next-root takes its place
//                                                               └─ not: root.key.next-root is removed
//
// Whenever this is interrupted, the database tells at the next start how to go on.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Place } from '../config.ts'
import { createDurably, removeDurably, syncDirectory } from '../seal/durable-file.ts'
import { putRootKeyFile, readRootKeyFile } from '../seal/file-seal.ts'
import type { RootKey } from '../seal/root-key.ts'
import { readSealDocument, type SealDocument, writeSealDocument } from '../seal/seal-document.ts'

const OLD_SEALS = 'old-seals'

/** A seal in a file, present or next. */
export type SealInFile = { readonly file: string; readonly rootKeyId: string }

/** The file of the next seal, beside that of the present one. */
export function stagedName(path: string): string {
  return `${path}.next-root`
}

/** Where the seal of a root key stays after it was replaced, for backups from before. */
export function oldSealFile({ directory, sealFile }: Place, present: SealInFile): string {
  const ending = present.file === sealFile ? 'json' : 'key'
  return join(directory, OLD_SEALS, `${present.rootKeyId}.${ending}`)
}

/** The files of seals that were replaced with their root keys. */
export function listOldSeals({ directory }: Place): readonly string[] {
  const folder = join(directory, OLD_SEALS)
  return existsSync(folder) ? readdirSync(folder) : []
}

/** The seal that counts as long as no rotation was committed; throws where it is damaged. */
export function presentSeal({ sealFile, rootKeyFile }: Place): SealInFile {
  return existsSync(sealFile) ? documentIn(sealFile) : rootKeyIn(rootKeyFile)
}

/** The seal of a root key that a rotation was about to bring in, if there is one. */
export function findStagedSeal({ sealFile, rootKeyFile }: Place): SealInFile | undefined {
  const [document, key] = [stagedName(sealFile), stagedName(rootKeyFile)]
  if (existsSync(document)) return documentIn(document)
  return existsSync(key) ? rootKeyIn(key) : undefined
}

/** Puts the next seal, durable when this returns, beside the present one, which goes on counting. */
export function stageSeal(place: Place, next: RootKey, document: SealDocument | undefined): void {
  if (document === undefined) putRootKeyFile(stagedName(place.rootKeyFile), next)
  else writeSealDocument(stagedName(place.sealFile), document)
}

/**
 * Ends what a rotation began: the seal of the root key that the database goes by is the present one
 * afterwards. Neither file is touched where it goes by a third one.
 */
export function settleStagedSeal(place: Place, rootKeyId: string): void {
  const staged = findStagedSeal(place)
  if (staged === undefined) return
  const present = presentSeal(place)
  if (staged.rootKeyId === rootKeyId) {
    keepOldSeal(place, present)
    renameSync(staged.file, present.file)
    syncDirectory(place.directory)
  } else if (present.rootKeyId === rootKeyId) {
    removeDurably(staged.file)
  }
}

/** The same file under another name, so that there is no moment without it. */
function keepOldSeal(place: Place, present: SealInFile): void {
  const kept = oldSealFile(place, present)
  if (existsSync(kept)) return
  mkdirSync(dirname(kept), { recursive: true, mode: 0o700 })
  try {
    linkSync(present.file, kept)
    syncDirectory(dirname(kept))
  } catch {
    // Not every file system has hard links.
    const bytes = readFileSync(present.file)
    createDurably(kept, bytes)
    bytes.fill(0)
  }
  syncDirectory(place.directory)
}

function documentIn(file: string): SealInFile {
  return { file, rootKeyId: readSealDocument(file).rootKeyId }
}

function rootKeyIn(file: string): SealInFile {
  return { file, rootKeyId: readRootKeyFile(file).id }
}
