// The seal of a running installation: what it is at the moment, and its change.
import type { Place } from '../config.ts'
import type { RootKey } from '../seal/root-key.ts'
import type { UnsealProgress } from '../seal/unsealing.ts'
import { InvalidSealException } from './errors.ts'
import type { SealStore } from './operation.ts'
import { makeSeal, type NewSeal, putSeal } from './seal-control.ts'

export function installedSeal(parts: {
  readonly place: Place
  /** How the server was unsealed. */
  progress(): UnsealProgress
  readonly rootKey: Promise<RootKey>
  /** Whether the root key is being rotated: its seal is not to be changed meanwhile. */
  isRotating(): boolean
}): SealStore {
  const { place } = parts
  let changed: Partial<UnsealProgress> = {}
  let held: NewSeal | undefined
  return {
    progress: () => ({ ...parts.progress(), ...changed }),
    make: async (choice) => makeSeal(await parts.rootKey, choice),
    hold(seal) {
      // Nobody needs them here any more: they were told.
      held = { ...seal, shares: [] }
    },
    findHeld: (set) => (setOf(held) === set ? held : undefined),
    async put(seal) {
      const rootKey = await parts.rootKey
      const isOfAnother = seal.document !== undefined && seal.document.rootKeyId !== rootKey.id
      if (parts.isRotating() || isOfAnother) {
        throw new InvalidSealException(
          'The root key was rotated meanwhile, and the seal stays as it is: run this again.',
        )
      }
      putSeal(place, rootKey, seal)
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
