// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html
// There are no custom key stores yet, so the one that is asked for is never there.
import { identityDemand } from '../../../contract/demand.ts'
import { CustomKeyStoreNotFoundException } from '../errors.ts'
import { CUSTOM_KEY_STORE_ID, CUSTOM_KEY_STORE_NAME, CUSTOM_KEY_STORE_SETTINGS } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type UpdateCustomKeyStoreRequest } from '../wire.ts'

export const UpdateCustomKeyStore: KmsReading<UpdateCustomKeyStoreRequest, object, 'account'> = {
  schema: kmsSchema('UpdateCustomKeyStore'),
  limits: {
    CustomKeyStoreId: CUSTOM_KEY_STORE_ID,
    NewCustomKeyStoreName: CUSTOM_KEY_STORE_NAME,
    ...CUSTOM_KEY_STORE_SETTINGS,
  },
  errors: [CustomKeyStoreNotFoundException],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('kms:UpdateCustomKeyStore', '*', call.account),
  ],
  usage: (_target, _input, call) => draw('UpdateCustomKeyStore', call),
  resources: () => [],
  audit: { readOnly: false, show: ['CustomKeyStoreId'], showOutput: [] },
  handle(input) {
    throw new CustomKeyStoreNotFoundException(input.CustomKeyStoreId)
  },
}
