// keyhold seal status
import { ownSchema } from '../../schema/own-shape.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'
import { SEAL_STATUS, type SealStatus, sealStatus } from './seal-status.ts'

export const GetSealStatus: OperatorReading<object, SealStatus> = {
  ...onInstallation,
  schema: ownSchema<object, SealStatus>('GetSealStatus', {}, SEAL_STATUS),
  limits: {},
  errors: [],
  demands: (_target, _input, call) => operatorDemand('GetSealStatus', call),
  audit: { readOnly: true, show: [], showOutput: [] },
  async handle(_input, _target, call) {
    const { id, generation } = await call.stores.rootKey()
    return { ...sealStatus(call.stores.seal.progress()), RootKeyId: id, Generation: generation }
  },
}
