// Users and roles for a test's server, put straight into its stores.
import { join } from 'node:path'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type Credentials,
  type STSClient,
} from '@aws-sdk/client-sts'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { newAccessKey } from '../../iam/access-key-directory.ts'
import { entityArn, type Role, type User } from '../../iam/entities/entity.ts'
import { type OidcProvider, oidcProviderArn } from '../../iam/oidc/oidc-provider.ts'
import { oidcProviderStore } from '../../iam/oidc/oidc-provider-store.ts'
import { ACCOUNT, NOW_MS, openStores, roleOf, userOf } from '../../iam/testing/stores.ts'

type Signing = { readonly accessKeyId: string; readonly secretAccessKey: string }

export type Person = { readonly user: User; readonly credentials: Signing; readonly sts: STSClient }

export type People = {
  user(name: string, facts?: Partial<User>): Promise<Person>
  role(name: string, facts?: Partial<Role>): Promise<Role>
  /** Answers the ARN of the provider. */
  oidcProvider(
    facts: Pick<OidcProvider, 'url' | 'clientIds'> & Partial<OidcProvider>,
  ): Promise<string>
  sts(credentials: Signing & { readonly sessionToken?: string }): STSClient
}

export function peopleOf(server: TestServer): People {
  const root = readRootKeyFile(join(server.directory, 'root.key'))
  const { entities, accessKeys } = openStores(server.storage, root)
  return {
    async user(name, facts) {
      const user = userOf(name, facts)
      const credentials = newAccessKey(user.account)
      await server.storage.write(async (tx) => {
        await entities.insert(tx, user)
        await accessKeys.insert(tx, user.id, credentials, NOW_MS)
      })
      return { user, credentials, sts: server.sts({ credentials }) }
    },
    async role(name, facts) {
      const role = roleOf(name, facts)
      await server.storage.write((tx) => entities.insert(tx, role))
      return role
    },
    async oidcProvider(facts) {
      const provider = {
        account: ACCOUNT,
        version: 1,
        thumbprints: [],
        tags: [],
        createdAtMs: NOW_MS,
        ...facts,
      }
      const store = oidcProviderStore(server.storage, root, ACCOUNT)
      await server.storage.write((tx) => store.insert(tx, provider))
      return oidcProviderArn(provider)
    },
    sts: (credentials) => server.sts({ credentials }),
  }
}

export function assumeRole(
  sts: STSClient,
  role: Role | string,
  more: Partial<AssumeRoleCommandInput> = {},
) {
  const RoleArn = typeof role === 'string' ? role : entityArn('role', role)
  return sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session-1', ...more }))
}

/** How a client signs with the credentials that STS gave. */
export function signingBy(given: Credentials | undefined) {
  return {
    accessKeyId: given?.AccessKeyId as string,
    secretAccessKey: given?.SecretAccessKey as string,
    sessionToken: given?.SessionToken as string,
  }
}

/** A trust policy that lets these principals (unique ids, accounts), or who comes by this provider, do these actions. */
export function trusting(
  principals: string | readonly string[] | { readonly Federated: string },
  more: object = {},
  actions: string | readonly string[] = ['sts:AssumeRole'],
): string {
  const Principal =
    typeof principals === 'object' && 'Federated' in principals ? principals : { AWS: principals }
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal, Action: actions, ...more },
  })
}

/** What the person is told who may not do this with the role. */
export const deniedTo = ({ user }: Person, role: string, action = 'sts:AssumeRole') =>
  `AccessDenied: User: arn:aws:iam::111122223333:user/${user.name} is not authorized to perform: ${action} on resource: ${role}`
