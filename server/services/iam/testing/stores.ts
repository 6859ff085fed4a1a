// The stores of IAM over a fresh database with two accounts, as a process of the server opens them.
import { randomBytes } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import { type RootKey, rootKey } from '../../../seal/root-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import { type AccessKeyStore, accessKeyStore } from '../access-key-store.ts'
import { accountDirectory } from '../account-directory.ts'
import type { Group, ManagedPolicy, Role, User } from '../entities/entity.ts'
import { type EntityStore, entityStore } from '../entities/entity-store.ts'
import { newEntityId } from '../entities/unique-id.ts'

export const ACCOUNT = '111122223333'
export const OTHER = '444455556666'
export const NOW_MS = 1_700_000_000_123

export type Stores = {
  readonly storage: Storage
  readonly entities: EntityStore
  readonly accessKeys: AccessKeyStore
}

export function newRootKey(): RootKey {
  return rootKey(randomBytes(16).toString('hex'), secretKey(randomBytes(32)))
}

export function openStores(storage: Storage, root: RootKey, account = ACCOUNT): Stores {
  return {
    storage,
    entities: entityStore(storage, root, account),
    accessKeys: accessKeyStore(storage, root, account),
  }
}

export async function insertAccounts(storage: Storage, root: RootKey): Promise<void> {
  const accounts = accountDirectory(storage, root)
  await storage.write(async (tx) => {
    for (const account of [ACCOUNT, OTHER]) await accounts.insert(tx, account)
  })
}

const NAMED = { account: ACCOUNT, path: '/', version: 1, createdAtMs: NOW_MS } as const
const HOLDER = { ...NAMED, inline: [], attached: [] } as const
const BOUNDED = { ...HOLDER, boundary: undefined, tags: [] } as const

export function userOf(name: string, facts: Partial<User> = {}): User {
  return { ...BOUNDED, kind: 'user', id: newEntityId('user'), name, groups: [], ...facts }
}

export function groupOf(name: string, facts: Partial<Group> = {}): Group {
  return { ...HOLDER, kind: 'group', id: newEntityId('group'), name, ...facts }
}

export function roleOf(name: string, facts: Partial<Role> = {}): Role {
  return {
    ...BOUNDED,
    kind: 'role',
    id: newEntityId('role'),
    name,
    description: undefined,
    trustPolicy: allowing('sts:AssumeRole', { Principal: { AWS: '*' } }),
    maxSessionSeconds: 3600,
    linkedService: undefined,
    ...facts,
  }
}

export function policyOf(name: string, document: string): ManagedPolicy {
  return {
    ...NAMED,
    kind: 'policy',
    id: newEntityId('policy'),
    name,
    description: undefined,
    tags: [],
    versions: [{ number: 1, document, createdAtMs: NOW_MS }],
    defaultNumber: 1,
    lastNumber: 1,
    updatedAtMs: NOW_MS,
  }
}

/** A policy document that allows the action; `statement` says more, such as `Resource`. */
export function allowing(action: string, statement: object = { Resource: '*' }): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, ...statement }],
  })
}

export function denying(action: string): string {
  return allowing(action).replace('"Allow"', '"Deny"')
}
