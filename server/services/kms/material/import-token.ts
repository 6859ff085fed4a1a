// Import tokens: the private half of a wrapping key pair, sealed for one KMS key and one day. Nothing
// of it is stored. https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html
//
//   version (1) ‖ domain key id (16) ‖ sealed[ valid to, ms (8) ‖ algorithm (1) ‖ wrapping key (1) ‖ PKCS #8 ]
import {
  WRAPPING_ALGORITHMS,
  type WrappingAlgorithm,
  type WrappingKeySpec,
} from '../../../crypto/algorithms.ts'
import { fields } from '../../../crypto/fields.ts'
import {
  exportPublicKey,
  importPrivateKey,
  type PrivateKey,
  withPrivateKeyBytes,
} from '../../../crypto/key-pair.ts'
import type { Key } from '../keys/key.ts'
import type { DomainKeyStore } from './domain-key-store.ts'
import { generateKeyPair } from './new-key-pair.ts'

export const WRAPPING_KEY_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const

/** What somebody needs to wrap material. */
export type ImportParameters = {
  readonly token: Buffer
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Buffer
  readonly validToMs: number
}

/** What a token says to the server that made it. */
export type OpenedToken = {
  readonly privateKey: PrivateKey
  readonly algorithm: WrappingAlgorithm
  readonly validToMs: number
}

export type ImportTokens = {
  /** A new wrapping key pair, with a token for this key. */
  make(
    key: Key,
    algorithm: WrappingAlgorithm,
    wrappingKey: WrappingKeySpec,
    nowMs: number,
  ): Promise<ImportParameters>
  /** Nothing where it was not made here for this key. One that has expired still opens. */
  open(key: Key, token: Uint8Array): Promise<OpenedToken | undefined>
}

const VALID_MS = 24 * 3_600_000
const VERSION = 1
const HEADER_BYTES = 17
const FACTS_BYTES = 10
const ALGORITHMS = Object.keys(WRAPPING_ALGORITHMS) as WrappingAlgorithm[]

export function importTokens(domainKeys: DomainKeyStore): ImportTokens {
  return {
    async make(key, algorithm, wrappingKey, nowMs) {
      const { privateKey, publicKey } = await generateKeyPair(wrappingKey)
      const domainKey = await domainKeys.newest(key.region)
      const validToMs = nowMs + VALID_MS
      const facts = Buffer.alloc(FACTS_BYTES)
      facts.writeBigUInt64BE(BigInt(validToMs))
      facts[8] = ALGORITHMS.indexOf(algorithm)
      facts[9] = WRAPPING_KEY_SPECS.indexOf(wrappingKey)
      const sealed = withPrivateKeyBytes(privateKey, (pkcs8) => {
        const content = Buffer.concat([facts, pkcs8])
        try {
          return domainKey.sealToken(place(key), content)
        } finally {
          content.fill(0)
        }
      })
      const id = Buffer.from(domainKey.id.replaceAll('-', ''), 'hex')
      const token = Buffer.concat([Buffer.of(VERSION), id, sealed])
      return { token, publicKey: exportPublicKey(publicKey), validToMs }
    },
    async open(key, token) {
      if (token.length <= HEADER_BYTES || token[0] !== VERSION) return undefined
      const domainKey = await domainKeys.find(uuid(token.subarray(1, HEADER_BYTES)))
      const content = domainKey?.openToken(place(key), token.subarray(HEADER_BYTES))
      if (content === undefined) return undefined
      // What was sealed here is as it was made here; importing it zeroes it.
      return {
        validToMs: Number(content.readBigUInt64BE()),
        algorithm: ALGORITHMS[content[8] as number] as WrappingAlgorithm,
        privateKey: importPrivateKey(
          WRAPPING_KEY_SPECS[content[9] as number] as WrappingKeySpec,
          content.subarray(FACTS_BYTES),
        ),
      }
    },
  }
}

/** For no other key, nor the same one in another place. */
function place({ account, region, id }: Key): Buffer {
  return fields('import token', String(VERSION), account, region, id)
}

function uuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
