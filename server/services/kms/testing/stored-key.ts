// Keys as tests need them: made through the API, or put into a state that no operation leads to yet.
import { CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import type { TestServer } from '../../../testing/test-server.ts'
import { cacheId, KEY_TOPIC } from '../keys/key-store.ts'
import type { KmsTables } from '../tables.ts'

export type StoredKey = { readonly id: string; readonly arn: string }

/** A well-formed key id under which there is no key. */
export const NO_KEY_ID = '00000000-1111-4222-8333-444444444444'

/** Makes an enabled symmetric key. */
export async function newKey(kms: KMSClient, description = ''): Promise<StoredKey> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: description }))
  return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
}

/** Changes the row of a key past all operations, as a later release of this server would. */
export async function alterKey(
  server: TestServer,
  { arn, id }: StoredKey,
  change: Partial<Omit<KmsTables['kms_keys'], 'account' | 'region' | 'key_id' | 'version'>>,
): Promise<void> {
  const [, , , region, account] = arn.split(':') as [string, string, string, string, string]
  await server.storage.write(async (tx) => {
    await tx.db
      .$extendTables<KmsTables>()
      .updateTable('kms_keys')
      .set((row) => ({ ...change, version: row('version', '+', 1) }))
      .where('key_id', '=', id)
      .execute()
    await tx.announce(KEY_TOPIC, cacheId({ account, region }, id))
  })
}

/** A key policy that names nobody, so that IAM policies do not count. */
export const POLICY_WITHOUT_DELEGATION = '{"Version":"2012-10-17","Statement":[]}'
