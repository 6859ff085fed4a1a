// The first half of keyhold seal rotate-root where the root key does not lie in a file: the passphrase, or
// the shares one by one, so that the same seal can hold another root key.
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { UnsealError } from '../../seal/unsealing.ts'
import { UnsealFailedException } from '../errors.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'
import { SEAL_STATUS, type SealStatus, sealStatus } from './seal-status.ts'
import type { UnsealRequest } from './Unseal.ts'

export const OpenSeal: OperatorReading<UnsealRequest, SealStatus> = {
  ...onInstallation,
  schema: ownSchema<UnsealRequest, SealStatus>(
    'OpenSeal',
    { Passphrase: 'string? secret', Share: 'string? secret', Reset: 'boolean?' },
    SEAL_STATUS,
  ),
  limits: { Passphrase: length(1, 4096), Share: length(1, 4096) },
  errors: [UnsealFailedException],
  demands: (_target, _input, call) => operatorDemand('OpenSeal', call),
  audit: { readOnly: false, show: [], showOutput: ['Kind', 'Sealed', 'Given', 'Needed'] },
  async handle({ Passphrase, Share, Reset }, _target, call) {
    const { opened } = call.stores
    if (Reset === true) opened.reset()
    const text = Share ?? Passphrase
    if (text === undefined) return sealStatus(opened.progress())
    try {
      const kind = Share === undefined ? 'passphrase' : 'share'
      return sealStatus(await opened.offer({ kind, text: Buffer.from(text) }))
    } catch (error) {
      throw error instanceof UnsealError ? new UnsealFailedException(error.message) : error
    }
  },
}
