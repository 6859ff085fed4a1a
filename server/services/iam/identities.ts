// Who there is, as the rest of the server asks: behind an access key, behind an ARN, behind an id.
import type { Identities } from '../../contract/ports.ts'
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage } from '../../storage/storage.ts'
import { accessKeyDirectory } from './access-key-directory.ts'
import { accountDirectory } from './account-directory.ts'

const ROOT_USER = /^arn:aws:iam::(\d{12}):root$/

export function openIdentities(storage: Storage, rootKey: RootKey): Identities {
  const accounts = accountDirectory(storage, rootKey)
  return {
    ...accessKeyDirectory(storage, rootKey),
    async findPrincipalId(arn) {
      const account = ROOT_USER.exec(arn)?.[1]
      return account !== undefined && (await accounts.exists(account)) ? account : undefined
    },
    // There are no users and roles yet.
    findPrincipalArn: () => undefined,
  }
}
