// keyhold trail key: the public key that verifies the audit trail, from whoever keeps its private half.
import { ownSchema } from '../../schema/own-shape.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'

type GetTrailKeyResponse = { PublicKey: string }

export const GetTrailKey: OperatorReading<object, GetTrailKeyResponse> = {
  ...onInstallation,
  schema: ownSchema<object, GetTrailKeyResponse>('GetTrailKey', {}, { PublicKey: 'string!' }),
  limits: {},
  errors: [],
  demands: (_target, _input, call) => operatorDemand('GetTrailKey', call),
  audit: { readOnly: true, show: [], showOutput: ['PublicKey'] },
  async handle(_input, _target, call) {
    const publicKey = await call.stores.trailKey()
    // This very call is recorded by a trail that has its key.
    if (publicKey === undefined) throw new Error('the trail has no key')
    return { PublicKey: publicKey.toString('base64') }
  },
}
