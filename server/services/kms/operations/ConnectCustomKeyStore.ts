// https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html
// There are no custom key stores yet, so the one that is asked for is never there.
import { identityDemand } from '../../../contract/demand.ts'
import { CustomKeyStoreNotFoundException } from '../errors.ts'
import { CUSTOM_KEY_STORE_ID } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type ConnectCustomKeyStoreRequest, kmsSchema } from '../wire.ts'

export const ConnectCustomKeyStore: KmsReading<ConnectCustomKeyStoreRequest, object, 'account'> = {
  schema: kmsSchema('ConnectCustomKeyStore'),
  limits: { CustomKeyStoreId: CUSTOM_KEY_STORE_ID },
  errors: [CustomKeyStoreNotFoundException],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('kms:ConnectCustomKeyStore', '*', call.account),
  ],
  usage: (_target, _input, call) => draw('ConnectCustomKeyStore', call),
  resources: () => [],
  audit: { readOnly: false, show: ['CustomKeyStoreId'], showOutput: [] },
  handle(input) {
    throw new CustomKeyStoreNotFoundException(input.CustomKeyStoreId)
  },
}
