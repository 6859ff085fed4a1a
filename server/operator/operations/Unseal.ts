// keyhold unseal. While the server is sealed nothing can be recorded, so the gateway offers what came to
// the seal itself; the piece that unseals goes on to here, and is recorded, as is all that comes later.
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'
import { SEAL_STATUS, type SealStatus, sealStatus } from './seal-status.ts'

export type UnsealRequest = {
  Passphrase?: string | undefined
  Share?: string | undefined
  /** Forgets the shares given so far. */
  Reset?: boolean | undefined
}

export const Unseal: OperatorReading<UnsealRequest, SealStatus> = {
  ...onInstallation,
  schema: ownSchema<UnsealRequest, SealStatus>(
    'Unseal',
    { Passphrase: 'string? secret', Share: 'string? secret', Reset: 'boolean?' },
    SEAL_STATUS,
  ),
  limits: { Passphrase: length(1, 4096), Share: length(1, 4096) },
  errors: [],
  demands: (_target, _input, call) => operatorDemand('Unseal', call),
  audit: { readOnly: false, show: [], showOutput: ['Kind', 'Failures'] },
  handle: (_input, _target, call) => sealStatus(call.stores.seal.progress()),
}
