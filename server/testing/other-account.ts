// A second account on a test server, with an access key of its root user.
import { join } from 'node:path'
import { randomBytes } from '../crypto/random.ts'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { insertRootAccessKey } from '../services/iam/access-key-directory.ts'
import { insertAccount } from '../services/iam/account-directory.ts'
import type { TestServer } from './test-server.ts'

export const OTHER_ACCOUNT = '444455556666'

/** Adds the account; what it returns are the credentials of its root user, as the SDK takes them. */
export async function addOtherAccount(
  server: TestServer,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const accessKeyId = 'AKIAOTHERACCOUNT2345'
  const secretAccessKey = randomBytes(30).toString('base64')
  const rootKey = readRootKeyFile(join(server.directory, 'root.key'))
  await server.storage.write(async (tx) => {
    await insertAccount(tx, OTHER_ACCOUNT)
    await insertRootAccessKey(tx, rootKey, {
      account: OTHER_ACCOUNT,
      accessKeyId,
      secret: Buffer.from(secretAccessKey),
    })
  })
  return { accessKeyId, secretAccessKey }
}
