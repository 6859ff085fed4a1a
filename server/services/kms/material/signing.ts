// What Sign and Verify share: whether a message is one that the algorithm takes.
import { ValidationException } from '../../../contract/errors.ts'
import type { MessageType, SigningAlgorithm } from '../../../crypto/algorithms.ts'
import { digestBytes } from '../../../crypto/signature.ts'

/** Throws where the algorithm takes no such message, or no digest of this length. */
export function requireMessage(
  algorithm: SigningAlgorithm,
  type: MessageType,
  message: Uint8Array,
): void {
  const bytes = digestBytes(algorithm, type)
  if (bytes === undefined) {
    throw new ValidationException(
      `Message type ${type} is incompatible with algorithm ${algorithm}.`,
    )
  }
  if (bytes !== true && bytes !== message.length) {
    throw new ValidationException(`Digest is invalid length for algorithm ${algorithm}.`)
  }
}
