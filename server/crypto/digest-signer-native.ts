// Signatures by the OpenSSL inside node, over what is already hashed and over whole messages: the compiled
// `signing.c` and `verifying.c`.
import type { KeyObject } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './algorithms.ts'
import { sha512 } from './digest.ts'
import type { DigestSigner } from './digest-signer.ts'
import { exportPublicKey, type PrivateKey, withPrivateKeyBytes } from './key-pair.ts'
import {
  type DigestSigning,
  NATIVE_SCHEMES,
  type NativeKey,
  type SigningTask,
} from './native/binding.ts'
import { onThreadPool, POOL_PLACES } from './thread-pool.ts'
import { workBatches } from './work-batches.ts'

export type NativeSigner = DigestSigner & {
  /** Signs a message that is not hashed yet; of Ed25519 none. */
  signWhole(key: PrivateKey, algorithm: SigningAlgorithm, message: Uint8Array): Promise<Buffer>
}

/** A key inside the add-on. */
type Held = { readonly native: NativeKey; readonly cost: number }

/** In signatures by RSA-2048: the last of a batch waits for all before it. */
const MAX_BATCH_COST = 16

/** More threads than processors would only take turns. */
const PLACES = Math.min(POOL_PLACES, availableParallelism())

/** The signer over the compiled add-on. */
export function nativeDigestSigner(addOn: DigestSigning): NativeSigner {
  // The key inside the add-on, a copy, goes when the handle does that it was made of.
  const keys = new WeakMap<KeyObject, Held>()

  function heldKey(key: KeyObject): Held {
    const known = keys.get(key)
    if (known !== undefined) return known
    const native =
      key.type === 'private'
        ? withPrivateKeyBytes(key, addOn.importPrivateKey)
        : addOn.importPublicKey(exportPublicKey(key))
    const held = { native, cost: costOf(key) }
    keys.set(key, held)
    return held
  }

  const signInBatch = workBatches<{ readonly cost: number; readonly task: SigningTask }, Buffer>({
    run: (tasks) => onThreadPool(() => addOn.sign(tasks.map(({ task }) => task))),
    costOf: ({ cost }) => cost,
    maxCost: MAX_BATCH_COST,
    places: PLACES,
  })

  async function sign(
    key: PrivateKey,
    algorithm: SigningAlgorithm,
    isWhole: boolean,
    input: Uint8Array,
  ) {
    const { native, cost } = heldKey(key)
    const { number, bits } = numbersOf(algorithm)
    return signInBatch({ cost, task: [native, number, bits, isWhole, input] })
  }

  return {
    sign: (key, algorithm, input) => sign(key, algorithm, false, hashed(algorithm, input)),
    signWhole: (key, algorithm, message) => sign(key, algorithm, true, message),
    verify(key, algorithm, input, signature) {
      const { number, bits } = numbersOf(algorithm)
      const { native } = heldKey(key)
      const digest = Buffer.from(hashed(algorithm, input))
      const bytes = Buffer.from(signature)
      return onThreadPool(() => addOn.verify(native, number, bits, digest, bytes))
    },
  }
}

function numbersOf(algorithm: SigningAlgorithm) {
  const { scheme, hash } = SIGNING_ALGORITHMS[algorithm]
  return {
    number: NATIVE_SCHEMES[scheme as keyof typeof NATIVE_SCHEMES],
    bits: Number(hash.slice(3)),
  }
}

function hashed(algorithm: SigningAlgorithm, input: Uint8Array): Uint8Array {
  return SIGNING_ALGORITHMS[algorithm].scheme === 'ed25519ph' ? sha512(input) : input
}

/** In signatures by RSA-2048; those by curves and ML-DSA take half to twice as long. */
function costOf(key: KeyObject): number {
  return ((key.asymmetricKeyDetails?.modulusLength ?? 2048) / 2048) ** 3
}
