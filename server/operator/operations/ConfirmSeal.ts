// The second half of keyhold seal migrate and rekey where the new seal is one of shares: it takes the
// place of the old one only when somebody says that the shares are kept.
import { pattern } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { InvalidSealException } from '../errors.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'
import type { NewSeal } from '../seal-control.ts'

type ConfirmSealRequest = { Set: string }
type ConfirmSealResponse = { Kind: string }

export const ConfirmSeal: OperatorChange<ConfirmSealRequest, ConfirmSealResponse, NewSeal> = {
  ...onInstallation,
  schema: ownSchema<ConfirmSealRequest, ConfirmSealResponse>(
    'ConfirmSeal',
    { Set: 'string!' },
    { Kind: 'string!' },
  ),
  limits: { Set: pattern(/^[0-9a-f]{16}$/) },
  errors: [InvalidSealException],
  demands: (_target, _input, call) => operatorDemand('ConfirmSeal', call),
  audit: { readOnly: false, show: ['Set'], showOutput: ['Kind'] },
  prepare({ Set: set }, _target, call) {
    const held = call.stores.seal.findHeld(set)
    if (held !== undefined) return held
    throw new InvalidSealException(
      'No new seal waits for these shares: it was confirmed already, another one was made later, or the server was started again. The seal that was there still counts.',
    )
  },
  async apply(seal, _tx, call) {
    // The last thing before the commit: where it fails nothing is recorded as done.
    await call.stores.seal.put(seal)
    return { Kind: seal.kind }
  },
}
