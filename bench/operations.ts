// The operations that are measured, and the requests made of them.
import { randomBytes } from 'node:crypto'
import type { KeyholdServer } from './keyhold-server.ts'
import type { CryptoOrder } from './messages.ts'
import { signedRequest } from './sign.ts'

export type MeasuredOperation = {
  /** AWS's name. */
  readonly name: string
  /** The name on the command line. */
  readonly option: string
  readonly crypto: Omit<CryptoOrder, 'seconds'>
  /** An input, another one each time. */
  input(server: KeyholdServer, keyId: string): Promise<object> | object
}

const PLAINTEXT_BYTES = 100
const DATA_KEY_BYTES = 32
/** About what binds a blob: its header and the encryption context. */
const ASSOCIATED_BYTES = 112
const DISTINCT_REQUESTS = 64
const EncryptionContext = { tenant: '1234567890', purpose: 'customer record' }

/** In the order in which they are measured. */
export const OPERATIONS: readonly MeasuredOperation[] = [
  {
    name: 'Encrypt',
    option: 'encrypt',
    crypto: {
      direction: 'encrypt',
      plaintextBytes: PLAINTEXT_BYTES,
      associatedBytes: ASSOCIATED_BYTES,
    },
    input: (_server, KeyId) => ({ KeyId, Plaintext: plaintext(), EncryptionContext }),
  },
  {
    name: 'Decrypt',
    option: 'decrypt',
    crypto: {
      direction: 'decrypt',
      plaintextBytes: PLAINTEXT_BYTES,
      associatedBytes: ASSOCIATED_BYTES,
    },
    async input(server, KeyId) {
      const { CiphertextBlob } = await server.call<{ CiphertextBlob: string }>('Encrypt', {
        KeyId,
        Plaintext: plaintext(),
        EncryptionContext,
      })
      return { CiphertextBlob, EncryptionContext }
    },
  },
  {
    name: 'GenerateDataKey',
    option: 'generate-data-key',
    crypto: {
      direction: 'encrypt',
      plaintextBytes: DATA_KEY_BYTES,
      associatedBytes: ASSOCIATED_BYTES,
    },
    input: (_server, KeyId) => ({ KeyId, KeySpec: 'AES_256', EncryptionContext }),
  },
]

/** Makes requests of the operation; each call signs them anew, because signatures age. */
export type RequestPool = () => readonly Buffer[]

/** A new key; without an input, one that encrypts and decrypts. */
export async function createKey(server: KeyholdServer, input: object = {}): Promise<string> {
  const { KeyMetadata } = await server.call<{ KeyMetadata: { KeyId: string } }>('CreateKey', input)
  return KeyMetadata.KeyId
}

/** A pool of distinct requests of the operation under this key. */
export async function requestPool(
  server: KeyholdServer,
  keyId: string,
  operation: Pick<MeasuredOperation, 'name' | 'input'>,
): Promise<RequestPool> {
  const inputs: object[] = []
  for (let count = 0; count < DISTINCT_REQUESTS; count++) {
    inputs.push(await operation.input(server, keyId))
  }
  return () => inputs.map((input) => signedRequest(server.credentials, operation.name, input))
}

function plaintext(): string {
  return randomBytes(PLAINTEXT_BYTES).toString('base64')
}
