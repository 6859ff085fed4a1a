// Users, groups, roles and policies of all accounts: found by what policies call them.
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import { type Entity, type EntityKind, entityArn, readEntityArn } from './entity.ts'
import { entityRows, nameKey } from './entity-rows.ts'
import type { EntityTables } from './tables.ts'

export type EntityDirectory = {
  findById(id: string): Promise<Entity | undefined>
  /** The entity of exactly this ARN, path and case included. */
  findByArn(arn: string): Promise<Entity | undefined>
  findByName(account: string, kind: EntityKind, name: string): Promise<Entity | undefined>
  /** The ARNs of the account's users and roles, in their order. */
  listPrincipals(account: string): Promise<readonly string[]>
}

export function entityDirectory(storage: Storage, rootKey: RootKey): EntityDirectory {
  const rows = entityRows(rootKey)
  const db = storage.read.$extendTables<EntityTables>()
  async function findByName(account: string, kind: EntityKind, name: string) {
    const row = await db
      .selectFrom('iam_entities')
      .selectAll()
      .where('account', '=', account)
      .where('kind', '=', kind)
      .where('name_key', '=', nameKey(name))
      .executeTakeFirst()
    return row && rows.read(row)
  }
  return {
    findByName,
    async findById(id) {
      const row = await db
        .selectFrom('iam_entities')
        .selectAll()
        .where('entity_id', '=', id)
        .executeTakeFirst()
      return row && rows.read(row)
    },
    async listPrincipals(account) {
      const found = await db
        .selectFrom('iam_entities')
        .selectAll()
        .where('account', '=', account)
        .where('kind', 'in', ['user', 'role'])
        .execute()
      return found
        .map((row) => rows.read(row))
        .flatMap((one) =>
          one.kind === 'user' || one.kind === 'role' ? [entityArn(one.kind, one)] : [],
        )
        .sort()
    },
    async findByArn(arn) {
      const named = readEntityArn(arn)
      if (named === undefined) return undefined
      const entity = await findByName(named.account, named.kind, named.name)
      return entity?.name === named.name && entity.path === named.path ? entity : undefined
    },
  }
}
