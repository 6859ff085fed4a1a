// Who there is, as the rest of the server asks: behind an access key, behind an ARN, behind an id.
import type { Credential, Identities } from '../../contract/ports.ts'
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage } from '../../storage/storage.ts'
import { accessKeyDirectory } from './access-key-directory.ts'
import { accountDirectory } from './account-directory.ts'
import { rootSessionCaller } from './callers.ts'
import { openSessionKey } from './sessions/session-key-store.ts'
import { type OpenedSession, sessionTokens } from './sessions/session-token.ts'

const ROOT_USER = /^arn:aws:iam::(\d{12}):root$/

export async function openIdentities(storage: Storage, rootKey: RootKey): Promise<Identities> {
  const accounts = accountDirectory(storage, rootKey)
  const accessKeys = accessKeyDirectory(storage, rootKey)
  const tokens = sessionTokens(await openSessionKey(storage, rootKey))
  return {
    findCredential(accessKeyId, sessionToken) {
      if (sessionToken === undefined) return accessKeys.findCredential(accessKeyId, undefined)
      const session = tokens.open(accessKeyId, sessionToken)
      return session && sessionCredential(accessKeyId, session)
    },
    issueSession: tokens.issue,
    async findPrincipalId(arn) {
      const account = ROOT_USER.exec(arn)?.[1]
      return account !== undefined && (await accounts.exists(account)) ? account : undefined
    },
    // There are no users and roles yet.
    findPrincipalArn: () => undefined,
  }
}

function sessionCredential(
  accessKeyId: string,
  { facts, signingSecret }: OpenedSession,
): Credential | undefined {
  // There are no users and roles yet.
  if (facts.principalId !== facts.account) return undefined
  const caller = rootSessionCaller(facts, accessKeyId)
  return { caller, signingSecret, expiresAtMs: facts.expiresAtMs }
}
