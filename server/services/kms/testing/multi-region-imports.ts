// Multi-Region keys with imported material, as tests need them.
import { EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal } from '../../../testing/refusal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { importInto } from './importing.ts'
import { newPrimary, REPLICA_REGION, replicate } from './multi-region.ts'
import { materialsOf } from './rotation.ts'
import type { StoredKey } from './stored-key.ts'

/** A symmetric primary key and its replica, both with the same imported material. */
export async function importedPair(server: TestServer) {
  const material = randomBytes(32)
  const primary = await newPrimary(server.kms(), { Origin: 'EXTERNAL' })
  const { KeyMaterialId: first } = await importInto(server.kms(), primary, material)
  const replica = await replicate(server, primary)
  await importInto(server.kms({ region: REPLICA_REGION }), replica, material)
  return { primary, replica, material, first: first as string }
}

/** Each material of the key in the order of the list: its id, its state, and whether it is there. */
export async function listed(kms: KMSClient, key: StoredKey) {
  const entries = await materialsOf(kms, key)
  return entries.map(({ KeyMaterialId, KeyMaterialState, ImportState }) => [
    KeyMaterialId,
    KeyMaterialState,
    ImportState,
  ])
}

/** A ciphertext of the key by its current material. */
export async function sealed(kms: KMSClient, { id }: StoredKey): Promise<Uint8Array> {
  const input = { KeyId: id, Plaintext: Buffer.from('x') }
  return (await kms.send(new EncryptCommand(input))).CiphertextBlob as Uint8Array
}

/** The refusal of a key that lacks material. */
export const pendingImport = ({ arn }: StoredKey) =>
  refusal('KMSInvalidStateException', `${arn} is pending import.`)

/** The refusal of other material than the key had. */
export const notTheSame = ({ arn }: StoredKey) =>
  refusal(
    'IncorrectKeyMaterialException',
    `The key material is not the same that was previously imported into ${arn}.`,
  )
