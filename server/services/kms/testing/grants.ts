// Grants between the root users of two accounts, for tests through the SDK.
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { ROOT_B } from '../../../policy/testing/cast.ts'
import type { StoredKey } from './stored-key.ts'

/** A grant on the key to the root user of the other account, who may encrypt; or another one. */
export async function newGrant(
  kms: KMSClient,
  { arn }: StoredKey,
  more: Partial<CreateGrantCommandInput> = {},
): Promise<{ readonly id: string; readonly token: string }> {
  const { GrantId, GrantToken } = await kms.send(
    new CreateGrantCommand({
      KeyId: arn,
      GranteePrincipal: ROOT_B,
      Operations: ['Encrypt'],
      ...more,
    }),
  )
  return { id: GrantId as string, token: GrantToken as string }
}

/** Well-formed, and of no grant. */
export const NO_GRANT_ID = '0'.repeat(64)
