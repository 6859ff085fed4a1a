// What tests ask about the rotation of a key.
import {
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  type RotationsListEntry,
} from '@aws-sdk/client-kms'
import type { StoredKey } from './stored-key.ts'

/** What GetKeyRotationStatus tells of the key. */
export async function statusOf(kms: KMSClient, { id }: StoredKey) {
  const { $metadata, ...status } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id }))
  return status
}

/** Every material of the key, the oldest first. */
export async function materialsOf(
  kms: KMSClient,
  { id }: StoredKey,
): Promise<readonly RotationsListEntry[]> {
  const input = { KeyId: id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } as const
  return (await kms.send(new ListKeyRotationsCommand(input))).Rotations ?? []
}
