// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html
// Refused: this server keeps all key material itself, until it can ask an HSM or an external key manager.
import { identityDemand } from '../../../contract/demand.ts'
import { length, oneOf } from '../../../schema/limits.ts'
import { UnsupportedOperationException } from '../errors.ts'
import { CUSTOM_KEY_STORE_NAME, CUSTOM_KEY_STORE_SETTINGS } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  type CreateCustomKeyStoreRequest,
  type CreateCustomKeyStoreResponse,
  CustomKeyStoreType,
  kmsSchema,
} from '../wire.ts'

export const CreateCustomKeyStore: KmsReading<
  CreateCustomKeyStoreRequest,
  CreateCustomKeyStoreResponse,
  'account'
> = {
  schema: kmsSchema('CreateCustomKeyStore'),
  limits: {
    CustomKeyStoreName: CUSTOM_KEY_STORE_NAME,
    TrustAnchorCertificate: length(1, 5000),
    CustomKeyStoreType: oneOf(CustomKeyStoreType),
    ...CUSTOM_KEY_STORE_SETTINGS,
  },
  errors: [UnsupportedOperationException],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('kms:CreateCustomKeyStore', '*', call.account),
  ],
  usage: (_target, _input, call) => draw('CreateCustomKeyStore', call),
  resources: () => [],
  audit: {
    readOnly: false,
    show: ['CustomKeyStoreName', 'CloudHsmClusterId', 'CustomKeyStoreType'],
    showOutput: [],
  },
  handle() {
    throw new UnsupportedOperationException(
      'Custom key stores are not supported by this server. Create keys without CustomKeyStoreId: it keeps their material itself.',
    )
  },
}
