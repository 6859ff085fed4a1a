// keyhold clock confirm: the operator says that this machine's clock is right, so that what waited for
// that, deletion above all, goes on.
import { ownSchema } from '../../schema/own-shape.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'

type ConfirmClockResponse = { Time: string }

export const ConfirmClock: OperatorChange<object, ConfirmClockResponse, string> = {
  ...onInstallation,
  schema: ownSchema<object, ConfirmClockResponse>('ConfirmClock', {}, { Time: 'string!' }),
  limits: {},
  errors: [],
  demands: (_target, _input, call) => operatorDemand('ConfirmClock', call),
  audit: { readOnly: false, show: [], showOutput: ['Time'] },
  prepare: (_input, _target, call) => new Date(call.nowMs).toISOString(),
  async apply(time, tx, call) {
    await call.stores.clock.confirm(tx)
    return { Time: time }
  },
}
