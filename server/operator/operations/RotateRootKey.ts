// keyhold seal rotate-root: a new root key over everything, in one transaction with its record. The seal
// stays the same, and was opened before (OpenSeal) where the root key does not lie in a file.
import { ownSchema } from '../../schema/own-shape.ts'
import { InvalidSealException, RootKeyNotRotatedException } from '../errors.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'
import type { BegunRotation } from '../root-key-rotation.ts'

type RotateRootKeyResponse = {
  RootKeyId: string
  Generation: number
  Rows: number
  PreviousRootKeyId: string
  /** The file that keeps the seal of the previous root key, for backups from before. */
  OldSeal: string
}

export const RotateRootKey: OperatorChange<object, RotateRootKeyResponse, BegunRotation> = {
  ...onInstallation,
  schema: ownSchema<object, RotateRootKeyResponse>(
    'RotateRootKey',
    {},
    {
      RootKeyId: 'string!',
      Generation: 'number!',
      Rows: 'number!',
      PreviousRootKeyId: 'string!',
      OldSeal: 'string!',
    },
  ),
  limits: {},
  errors: [InvalidSealException, RootKeyNotRotatedException],
  demands: (_target, _input, call) => operatorDemand('RotateRootKey', call),
  audit: {
    readOnly: false,
    show: [],
    showOutput: ['RootKeyId', 'Generation', 'Rows', 'PreviousRootKeyId', 'OldSeal'],
  },
  prepare: (_input, _target, call) => call.stores.rotation.begin(call.id),
  async apply(begun, tx, call) {
    const { generation, rows } = await call.stores.rotation.rotate(tx, begun)
    return {
      RootKeyId: begun.to.id,
      Generation: generation,
      Rows: rows,
      PreviousRootKeyId: begun.from.id,
      OldSeal: begun.oldSeal,
    }
  },
}
