// DeleteCustomKeyStore as callers see it.
import { DeleteCustomKeyStoreCommand } from '@aws-sdk/client-kms'
import { missingKeyStore, NO_KEY_STORE } from '../testing/missing-key-store.ts'

missingKeyStore('DeleteCustomKeyStore', (kms) =>
  kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId: NO_KEY_STORE })),
)
