// The operations with keys of their own that are measured: signatures, MACs and data key pairs.
import { randomBytes } from 'node:crypto'
import type { KeyholdServer } from './keyhold-server.ts'
import type { KeyWork } from './messages.ts'
import type { MeasuredOperation } from './operations.ts'

export type KeyOperation = Pick<MeasuredOperation, 'name' | 'option'> & {
  /** AWS's name, and of what key. */
  readonly title: string
  /** The least share of the bare loop's rate that will do, where there is a target. */
  readonly target?: number
  readonly work: KeyWork
  /** Fewer where each answer takes long, so that a round does not end long after its time. */
  readonly connections?: number
  /** The input of CreateKey. */
  readonly key: object
  input(server: KeyholdServer, keyId: string): object
}

const MESSAGE_BYTES = 100
const DIGEST_BYTES = 32
const MIN_OF_LOOP = 0.85

/** In the order in which they are measured. */
export const KEY_OPERATIONS: readonly KeyOperation[] = [
  {
    ...signing('RSA_2048', 'RSASSA_PSS_SHA_256', 'RAW'),
    option: 'rsa-pss',
    title: 'Sign RSA_2048, PSS',
    work: 'rsa-2048-pss',
    target: MIN_OF_LOOP,
  },
  {
    ...signing('RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'RAW'),
    option: 'rsa-pkcs1',
    title: 'Sign RSA_2048, PKCS #1',
    work: 'rsa-2048-pkcs1',
    target: MIN_OF_LOOP,
  },
  {
    ...signing('ECC_NIST_P256', 'ECDSA_SHA_256', 'RAW'),
    option: 'p256',
    title: 'Sign ECC_NIST_P256, RAW',
    work: 'p256',
  },
  {
    ...signing('ECC_NIST_P256', 'ECDSA_SHA_256', 'DIGEST'),
    option: 'p256-digest',
    title: 'Sign ECC_NIST_P256, DIGEST',
    work: 'p256-digest',
  },
  {
    ...signing('ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'RAW'),
    option: 'ed25519',
    title: 'Sign ECC_NIST_EDWARDS25519',
    work: 'ed25519',
  },
  {
    ...signing('ML_DSA_65', 'ML_DSA_SHAKE_256', 'RAW'),
    option: 'ml-dsa',
    title: 'Sign ML_DSA_65',
    work: 'ml-dsa-65',
    target: MIN_OF_LOOP,
  },
  {
    name: 'GenerateMac',
    option: 'mac',
    title: 'GenerateMac HMAC_256',
    work: 'hmac-256',
    key: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    input: (_server, KeyId) => ({
      KeyId,
      MacAlgorithm: 'HMAC_SHA_256',
      Message: bytes(MESSAGE_BYTES),
    }),
  },
  { ...pair('RSA_2048'), option: 'rsa-pair', work: 'rsa-2048-pair', connections: 4 },
  { ...pair('ECC_NIST_P256'), option: 'p256-pair', work: 'p256-pair' },
]

function signing(KeySpec: string, SigningAlgorithm: string, MessageType: 'RAW' | 'DIGEST') {
  return {
    name: 'Sign',
    key: { KeySpec, KeyUsage: 'SIGN_VERIFY' },
    input: (_server: KeyholdServer, KeyId: string) => ({
      KeyId,
      SigningAlgorithm,
      MessageType,
      Message: bytes(MessageType === 'RAW' ? MESSAGE_BYTES : DIGEST_BYTES),
    }),
  }
}

function pair(KeyPairSpec: string) {
  return {
    name: 'GenerateDataKeyPair',
    title: `GenerateDataKeyPair ${KeyPairSpec}`,
    key: {},
    input: (_server: KeyholdServer, KeyId: string) => ({ KeyId, KeyPairSpec }),
  }
}

function bytes(length: number): string {
  return randomBytes(length).toString('base64')
}
