// Multi-Region keys as tests need them, on a test server with its two Regions.
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
} from '@aws-sdk/client-kms'
import type { TestServer } from '../../../testing/test-server.ts'
import type { StoredKey } from './stored-key.ts'

export const PRIMARY_REGION = 'us-east-1'
export const REPLICA_REGION = 'eu-west-1'
export const THIRD_REGION = 'ap-south-1'

/** Makes an enabled multi-Region primary key. */
export async function newPrimary(
  kms: KMSClient,
  input: CreateKeyCommandInput = {},
): Promise<StoredKey> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ ...input, MultiRegion: true }))
  return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
}

/** Replicates the key, and waits until the replica can be used. */
export async function replicate(
  server: TestServer,
  { id }: StoredKey,
  input: Partial<ReplicateKeyCommandInput> = {},
  kms: KMSClient = server.kms(),
): Promise<StoredKey> {
  const command = { KeyId: id, ReplicaRegion: REPLICA_REGION, ...input }
  const { ReplicaKeyMetadata } = await kms.send(new ReplicateKeyCommand(command))
  await server.sweepJobs()
  return { id, arn: ReplicaKeyMetadata?.Arn as string }
}

/** What DescribeKey tells of the key where this client is. */
export async function metadataOf(kms: KMSClient, { id }: StoredKey): Promise<KeyMetadata> {
  return (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata as KeyMetadata
}
