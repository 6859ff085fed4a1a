// New imported material of a pair of multi-Region keys, which waits for its rotation, as tests need it.
import {
  DeleteImportedKeyMaterialCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal } from '../../../testing/refusal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { importInto } from './importing.ts'
import { importedPair } from './multi-region-imports.ts'
import type { StoredKey } from './stored-key.ts'

export const EVERYWHERE = 'PENDING_ROTATION'
export const NOT_EVERYWHERE = 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION'
export const ROTATION = { ImportType: 'NEW_KEY_MATERIAL' } as const

export function rotate(client: KMSClient, { id }: StoredKey) {
  return client.send(new RotateKeyOnDemandCommand({ KeyId: id }))
}

export function remove(client: KMSClient, { id }: StoredKey, KeyMaterialId?: string) {
  return client.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId }))
}

export const nothingToRotate = ({ arn }: StoredKey) =>
  refusal(
    'KMSInvalidStateException',
    `No available key material pending rotation for the key: ${arn}.`,
  )

/** A pair of keys, and new material that its primary key has got. */
export async function waitingPair(server: TestServer) {
  const pair = await importedPair(server)
  const next = randomBytes(32)
  const { KeyMaterialId } = await importInto(server.kms(), pair.primary, next, ROTATION)
  return { ...pair, next, second: KeyMaterialId as string }
}
