// Keys for imported material, and material wrapped and brought as an operator would.
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import type { WrappingAlgorithm, WrappingKeySpec } from '../../../crypto/algorithms.ts'
import { encryptOaep } from '../../../crypto/encryption.ts'
import { readPublicKey } from '../../../crypto/key-pair.ts'
import { wrapWithOpenssl } from '../../../crypto/testing/wrap-with-openssl.ts'
import type { StoredKey } from './stored-key.ts'

/** A key without material; symmetric where nothing else is said. */
export async function newExternalKey(
  kms: KMSClient,
  input: CreateKeyCommandInput = {},
): Promise<StoredKey> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL', ...input }))
  return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
}

export type Parameters = { readonly ImportToken: Uint8Array; readonly PublicKey: Uint8Array }

export async function parametersFor(
  kms: KMSClient,
  { id }: StoredKey,
  algorithm: WrappingAlgorithm = 'RSAES_OAEP_SHA_256',
  wrappingKey: WrappingKeySpec = 'RSA_2048',
): Promise<Parameters> {
  const input = { KeyId: id, WrappingAlgorithm: algorithm, WrappingKeySpec: wrappingKey }
  const { ImportToken, PublicKey } = await kms.send(new GetParametersForImportCommand(input))
  return { ImportToken: ImportToken as Uint8Array, PublicKey: PublicKey as Uint8Array }
}

/** Wraps by RSAES-OAEP with SHA-256 under an RSA-2048 key. */
export function wrapped({ PublicKey }: Parameters, material: Uint8Array): Buffer {
  const key = readPublicKey('RSA_2048', PublicKey)
  if (key === undefined) throw new Error('the wrapping key is none of 2048 bits')
  return encryptOaep(key, 'RSAES_OAEP_SHA_256', material)
}

export type ImportInput = Partial<Omit<ImportKeyMaterialCommandInput, 'KeyId'>>

/** Making a wrapping key pair takes long, and one is good for a day. */
const made = new Map<string, Promise<Parameters>>()

/** Imports material that does not expire, unless the input says otherwise. */
export async function importInto(
  kms: KMSClient,
  key: StoredKey,
  material: Uint8Array,
  input: ImportInput = {},
) {
  const making = made.get(key.arn) ?? parametersFor(kms, key)
  made.set(key.arn, making)
  const parameters = await making
  return kms.send(
    new ImportKeyMaterialCommand({
      KeyId: key.id,
      ImportToken: parameters.ImportToken,
      EncryptedKeyMaterial: wrapped(parameters, material),
      ...(input.ValidTo === undefined && { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }),
      ...input,
    }),
  )
}

/** Imports what the openssl command wrapped. */
export async function importByOpenssl(
  kms: KMSClient,
  key: StoredKey,
  material: Uint8Array,
  algorithm: WrappingAlgorithm,
  wrappingKey: WrappingKeySpec = 'RSA_2048',
) {
  const { ImportToken, PublicKey } = await parametersFor(kms, key, algorithm, wrappingKey)
  return kms.send(
    new ImportKeyMaterialCommand({
      KeyId: key.id,
      ImportToken,
      EncryptedKeyMaterial: wrapWithOpenssl(algorithm, PublicKey, material),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  )
}
