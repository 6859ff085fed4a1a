// Keys as tests need them: made through the API, or put into a state that no operation leads to yet.
import { join } from 'node:path'
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { cacheId, KEY_TOPIC } from '../keys/key-store.ts'
import type { KmsTables } from '../tables.ts'
import { alterKeyRow } from './altered-row.ts'

export type StoredKey = { readonly id: string; readonly arn: string }

/** A well-formed key id under which there is no key. */
export const NO_KEY_ID = '00000000-1111-4222-8333-444444444444'

/** The ARN of a key of another account that is not there. */
export const FOREIGN = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`

/** Makes an enabled symmetric key. */
export function newKey(kms: KMSClient, description = ''): Promise<StoredKey> {
  return create(kms, { Description: description })
}

/** Makes an enabled key of this spec. */
export function newKeyOf(
  kms: KMSClient,
  spec: KeySpec,
  usage: KeyUsageType = 'SIGN_VERIFY',
): Promise<StoredKey> {
  return create(kms, { KeySpec: spec, KeyUsage: usage })
}

async function create(kms: KMSClient, input: CreateKeyCommandInput): Promise<StoredKey> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input))
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
    const { version } = await tx.db
      .$extendTables<KmsTables>()
      .selectFrom('kms_keys')
      .select('version')
      .where('key_id', '=', id)
      .where('region', '=', region)
      .executeTakeFirstOrThrow()
    const root = readRootKeyFile(join(server.directory, 'root.key'))
    await alterKeyRow(tx, root, id, { ...change, version: version + 1 }, region)
    await tx.announce(KEY_TOPIC, cacheId({ account, region }, id))
  })
}

/** A key policy that names nobody, so that IAM policies do not count. */
export const POLICY_WITHOUT_DELEGATION = '{"Version":"2012-10-17","Statement":[]}'
