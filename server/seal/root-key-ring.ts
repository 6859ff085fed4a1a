// The root key as a process holds it: one that counts, and for the time of a rotation a second one beside
// it. What either protects is believed; what is made is made with the one that counts.
import type { RootKey } from './root-key.ts'

export type RootKeyRing = RootKey & {
  /** Believes from now on what the next root key protects, too. */
  stage(next: RootKey): void
  /** Drops what was staged; the one that counts stays. */
  unstage(): void
  /** The one that counts now, alone. */
  present(): RootKey
  /** Whether this process holds the root key with this id, or did. */
  knows(id: string): boolean
  /**
   * Told which root key the database goes by: that one counts from now on. Answers false, and changes
   * nothing, where this process does not hold it.
   */
  follow(id: string): boolean
}

/** Reads that began before a rotation was committed have ended by then, and so has every statement. */
const KEEP_PREVIOUS_MS = 20_000

export function rootKeyRing(
  first: RootKey,
  keepPreviousMs: number = KEEP_PREVIOUS_MS,
): RootKeyRing {
  let current = first
  let other: RootKey | undefined
  let timer: NodeJS.Timeout | undefined
  const known = new Set([first.id])
  return {
    get id() {
      return current.id
    },
    wrap: (label, binding, secret) => current.wrap(label, binding, secret),
    unwrap(label, binding, wrapped) {
      const second = other
      if (second === undefined) return current.unwrap(label, binding, wrapped)
      try {
        return current.unwrap(label, binding, wrapped)
      } catch {
        return second.unwrap(label, binding, wrapped)
      }
    },
    mac: (content) => current.mac(content),
    isMac: (content, mac) => current.isMac(content, mac) || other?.isMac(content, mac) === true,
    lend: (use) => current.lend(use),
    stage(next) {
      clearTimeout(timer)
      known.add(next.id)
      other = next
    },
    unstage() {
      clearTimeout(timer)
      other = undefined
    },
    present: () => current,
    knows: (id) => known.has(id),
    follow(id) {
      if (id === current.id) return true
      if (other === undefined || id !== other.id) return false
      const previous = current
      current = other
      other = previous
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (other === previous) other = undefined
      }, keepPreviousMs).unref()
      return true
    },
  }
}
