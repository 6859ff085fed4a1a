// The seal of a running installation: what it is at the moment, and its change.
import type { Place } from '../config.ts'
import type { Unsealing, UnsealProgress } from '../seal/unsealing.ts'
import type { SealStore } from './operation.ts'
import { makeSeal, type NewSeal, putSeal } from './seal-control.ts'

export function installedSeal(place: Place, unsealing: Unsealing): SealStore {
  let changed: Partial<UnsealProgress> = {}
  let held: NewSeal | undefined
  return {
    progress: () => ({ ...unsealing.progress(), ...changed }),
    make: async (choice) => makeSeal(await unsealing.rootKey, choice),
    hold(seal) {
      // Nobody needs them here any more: they were told.
      held = { ...seal, shares: [] }
    },
    findHeld: (set) => (setOf(held) === set ? held : undefined),
    async put(seal) {
      putSeal(place, await unsealing.rootKey, seal)
      const needed = seal.document?.kind === 'shares' ? seal.document.threshold : 0
      changed = { kind: seal.kind, given: 0, needed }
      held = undefined
    },
  }
}

/** The set of shares that belongs to a seal, where it is one of shares. */
export function setOf(seal: NewSeal | undefined): string | undefined {
  return seal?.document?.kind === 'shares' ? seal.document.set : undefined
}
