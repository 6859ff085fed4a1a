// Certification paths that held: what one enclave signs brings the same one for hours, and verifying it
// costs more than all else about a document. What held once can end by time alone.
import { LRUCache } from 'lru-cache'
import { type TrustedRoot, type ValidPath, validatePath } from './certification-path.ts'
import { sha256 } from './digest.ts'
import { fields } from './fields.ts'

const MAX_PATHS = 1000

/** As `validatePath`, for these roots. */
export function heldPaths(
  roots: readonly TrustedRoot[],
  validate = validatePath,
): (path: readonly Uint8Array[], nowMs: number) => Promise<ValidPath | string> {
  const held = new LRUCache<string, ValidPath>({ max: MAX_PATHS })
  return async (path, nowMs) => {
    const name = sha256(fields(...path)).toString('base64')
    const known = held.get(name)
    if (known !== undefined && known.notBeforeMs <= nowMs && nowMs <= known.notAfterMs) return known
    const found = await validate(path, roots, nowMs)
    if (typeof found !== 'string') held.set(name, found)
    return found
  }
}
