// Symmetric cryptography that every call needs, each in one step: by the add-on where it was compiled, by
// node:crypto in several where not. docs/decisions/0013-one-call-cryptography.md.
import { loadAddOn } from './native/binding.ts'
import type { Symmetric } from './symmetric-contract.ts'
import { nativeSymmetric } from './symmetric-native.ts'
import { stepwiseSymmetric } from './symmetric-stepwise.ts'

const addOn = loadAddOn()

export const symmetric: Symmetric =
  addOn === undefined ? stepwiseSymmetric() : nativeSymmetric(addOn)
