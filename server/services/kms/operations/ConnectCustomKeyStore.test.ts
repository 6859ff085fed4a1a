// ConnectCustomKeyStore as callers see it.
import { ConnectCustomKeyStoreCommand } from '@aws-sdk/client-kms'
import { missingKeyStore, NO_KEY_STORE } from '../testing/missing-key-store.ts'

missingKeyStore('ConnectCustomKeyStore', (kms) =>
  kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: NO_KEY_STORE })),
)
