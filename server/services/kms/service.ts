// KMS as a service: its name, wire protocol, operations and stores.
import type { Scope } from '../../contract/call.ts'
import type { Service } from '../../contract/service.ts'
import { KMSInternalException } from './errors.ts'
import { keyStores } from './keys/key-store.ts'
import { backingKeyStore } from './material/backing-key-store.ts'
import { openDomainKeyStore } from './material/domain-key-store.ts'
import { keysMigration } from './migrations/0001-keys.ts'
import type { KmsStores } from './operation.ts'
import { CreateKey } from './operations/CreateKey.ts'
import { Decrypt } from './operations/Decrypt.ts'
import { DescribeKey } from './operations/DescribeKey.ts'
import { DisableKey } from './operations/DisableKey.ts'
import { EnableKey } from './operations/EnableKey.ts'
import { Encrypt } from './operations/Encrypt.ts'
import { GenerateDataKey } from './operations/GenerateDataKey.ts'
import { GenerateRandom } from './operations/GenerateRandom.ts'
import { ListKeys } from './operations/ListKeys.ts'

export const kms: Service = {
  name: 'kms',
  eventSource: 'kms.amazonaws.com',
  wire: { kind: 'aws-json', version: '1.1', targetPrefix: 'TrentService' },
  // The largest request is an attestation document (262,144 bytes) in base64 with its context.
  maxBodyBytes: 1024 * 1024,
  internalFailure: KMSInternalException,
  operations: {
    CreateKey,
    Decrypt,
    DescribeKey,
    DisableKey,
    EnableKey,
    Encrypt,
    GenerateDataKey,
    GenerateRandom,
    ListKeys,
  },
  migrations: [keysMigration],
  async open({ storage, rootKey, regions }) {
    const keys = keyStores(storage)
    const domainKeys = await openDomainKeyStore(storage, rootKey, regions)
    const backingKeys = backingKeyStore(storage, domainKeys)
    return (scope: Scope): KmsStores => ({ keys: keys(scope), backingKeys })
  },
}
