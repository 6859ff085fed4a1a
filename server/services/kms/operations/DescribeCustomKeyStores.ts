// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html
// There are no custom key stores yet.
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { CustomKeyStoreNotFoundException, InvalidMarkerException } from '../errors.ts'
import { CUSTOM_KEY_STORE_ID, CUSTOM_KEY_STORE_NAME, MARKER, PAGE_LIMIT } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  type DescribeCustomKeyStoresRequest,
  type DescribeCustomKeyStoresResponse,
  kmsSchema,
} from '../wire.ts'

export const DescribeCustomKeyStores: KmsReading<
  DescribeCustomKeyStoresRequest,
  DescribeCustomKeyStoresResponse,
  'account'
> = {
  schema: kmsSchema('DescribeCustomKeyStores'),
  limits: {
    CustomKeyStoreId: CUSTOM_KEY_STORE_ID,
    CustomKeyStoreName: CUSTOM_KEY_STORE_NAME,
    Limit: PAGE_LIMIT,
    Marker: MARKER,
  },
  errors: [CustomKeyStoreNotFoundException, InvalidMarkerException],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('kms:DescribeCustomKeyStores', '*', call.account),
  ],
  usage: (_target, _input, call) => draw('DescribeCustomKeyStores', call),
  resources: () => [],
  audit: {
    readOnly: true,
    show: ['CustomKeyStoreId', 'CustomKeyStoreName', 'Limit', 'Marker'],
    showOutput: [],
  },
  handle({ CustomKeyStoreId: id, CustomKeyStoreName: name, Marker: marker }) {
    if (id !== undefined && name !== undefined) {
      throw new ValidationException('Specify CustomKeyStoreId or CustomKeyStoreName, not both.')
    }
    const asked = id ?? name
    if (asked !== undefined) throw new CustomKeyStoreNotFoundException(asked)
    // No list of none was ever cut into pages.
    if (marker !== undefined) throw new InvalidMarkerException()
    return { CustomKeyStores: [], Truncated: false }
  },
}
