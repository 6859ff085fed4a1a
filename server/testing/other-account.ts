// A second account on a test server, with an access key of its root user.
import { join } from 'node:path'
import { readRootKeyFile } from '../seal/file-seal.ts'
import { newAccessKey } from '../services/iam/access-key-directory.ts'
import { accountDirectory } from '../services/iam/account-directory.ts'
import type { TestServer } from './test-server.ts'

export const OTHER_ACCOUNT = '444455556666'

/** Adds the account; what it returns are the credentials of its root user, as the SDK takes them. */
export async function addOtherAccount(
  server: TestServer,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const accessKey = newAccessKey(OTHER_ACCOUNT)
  const accounts = accountDirectory(
    server.storage,
    readRootKeyFile(join(server.directory, 'root.key')),
  )
  await server.storage.write(async (tx) => {
    await accounts.insert(tx, OTHER_ACCOUNT)
    await accounts.insertRootAccessKey(tx, OTHER_ACCOUNT, accessKey)
  })
  return accessKey
}
