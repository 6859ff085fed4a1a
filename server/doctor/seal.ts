// What guards the root key: whether it can be used, and by whom it could be read.
import { existsSync, statSync } from 'node:fs'
import type { Place } from '../config.ts'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { readSealDocument } from '../seal/seal-document.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

/** The id of the root key that the place is for; throws where what guards it is missing or damaged. */
export function rootKeyIdOf({ sealFile, rootKeyFile }: Place): string {
  return existsSync(sealFile)
    ? readSealDocument(sealFile).rootKeyId
    : readRootKeyFile(rootKeyFile).id
}

export function lookAtSeal(place: Place): Finding {
  const { directory, sealFile, rootKeyFile } = place
  const isSealed = existsSync(sealFile)
  const file = isSealed ? sealFile : rootKeyFile
  if (!existsSync(file)) {
    const told = `neither root.key nor seal.json is in ${directory}`
    return wrong('seal', told, 'a mount? or: keyhold init')
  }
  const mode = statSync(file).mode & 0o777
  if (!isSealed && (mode & 0o077) !== 0) {
    const remedy = `chmod 600 ${file}; whoever may have read it knows every key`
    return wrong('seal', `others can read root.key (mode ${mode.toString(8)})`, remedy)
  }
  try {
    rootKeyIdOf(place)
    return isSealed
      ? ok('seal', `${readSealDocument(sealFile).kind}: seal.json is whole`)
      : note('seal', 'file: root.key is whole', 'keep a copy elsewhere; or: keyhold seal migrate')
  } catch (error) {
    const reason = (error as Error).message.replace(/^needs: /, '')
    return wrong('seal', `${file}: ${reason}`, 'put a copy of it in its place')
  }
}
