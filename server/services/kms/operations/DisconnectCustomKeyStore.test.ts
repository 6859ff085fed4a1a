// DisconnectCustomKeyStore as callers see it.
import { DisconnectCustomKeyStoreCommand } from '@aws-sdk/client-kms'
import { missingKeyStore, NO_KEY_STORE } from '../testing/missing-key-store.ts'

missingKeyStore('DisconnectCustomKeyStore', (kms) =>
  kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId: NO_KEY_STORE })),
)
