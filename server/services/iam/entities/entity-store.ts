// The rows of users, groups, roles and managed policies of one account. Reads are of the moment: what
// every request asks for is cached by `principals/standing-directory.ts`.
import { sql } from 'kysely'
import { Moved } from '../../../contract/operation.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { Entities, Entity, EntityKind } from './entity.ts'
import { type EntityRows, entityRows, linksOf, nameKey, type Relation } from './entity-rows.ts'
import type { EntityTables } from './tables.ts'

/** The topic on which changes of an account's IAM are announced; the subject is the account. */
export const ACCOUNT_TOPIC = 'iam/account'

export type EntityStore = {
  find<K extends EntityKind>(kind: K, name: string): Promise<Entities[K] | undefined>
  findById<K extends EntityKind>(kind: K, id: string): Promise<Entities[K] | undefined>
  /** At most `limit` entities below the path, by name, after the name `after`. */
  list<K extends EntityKind>(
    kind: K,
    page: {
      readonly pathPrefix: string
      readonly after: string | undefined
      readonly limit: number
    },
  ): Promise<readonly Entities[K][]>
  /** The users, groups and roles that refer to this id or ARN, by name. */
  listHolders(relation: Relation, target: string): Promise<readonly Entity[]>
  /** Answers whether the name was free, and inserts the entity only then. */
  insert(tx: Transaction, entity: Entity): Promise<boolean>
  /** Changes what was authorized; throws Moved where it is another one by now. */
  change<E extends Entity>(tx: Transaction, authorized: E, change: Partial<E>): Promise<void>
  /** Throws Moved as `change`. */
  delete(tx: Transaction, authorized: Entity): Promise<void>
  /**
   * Whether the entity is there, as a change in this transaction sees it: nobody else changes the
   * account's IAM before it has ended. Ask after the change, which is what takes that hold.
   */
  exists(tx: Transaction, id: string): Promise<boolean>
  /** How many entities of the kind there are; ask after the change, as `exists`. */
  count(tx: Transaction, kind: EntityKind): Promise<number>
  /** How many entities refer to this id or ARN; ask after the change, as `exists`. */
  countHolders(tx: Transaction, relation: Relation, target: string): Promise<number>
  /** How many entities refer to each ARN or id that any refers to in this way. */
  listUses(relation: Relation): Promise<ReadonlyMap<string, number>>
  /** How many entities of each kind there are. */
  listCounts(): Promise<ReadonlyMap<EntityKind, number>>
  /** Holds the account's IAM until the transaction ends, and announces that it changed. */
  hold(tx: Transaction): Promise<void>
}

/** Opens the store of one account. */
export function entityStore(storage: Storage, rootKey: RootKey, account: string): EntityStore {
  const rows = entityRows(rootKey)
  const db = storage.read.$extendTables<EntityTables>()
  const some = () => db.selectFrom('iam_entities').selectAll().where('account', '=', account)
  return {
    async find(kind, name) {
      const row = await some()
        .where('kind', '=', kind)
        .where('name_key', '=', nameKey(name))
        .executeTakeFirst()
      return row && readAs(kind, rows, row)
    },
    async findById(kind, id) {
      const row = await some()
        .where('kind', '=', kind)
        .where('entity_id', '=', id)
        .executeTakeFirst()
      return row && readAs(kind, rows, row)
    },
    async list(kind, { pathPrefix, after, limit }) {
      const found = await some()
        .where('kind', '=', kind)
        .where(sql<string>`substr(path, 1, ${sql.lit(pathPrefix.length)})`, '=', pathPrefix)
        .$if(after !== undefined, (query) => query.where('name_key', '>', nameKey(after as string)))
        .orderBy('name_key')
        .limit(limit)
        .execute()
      return found.map((row) => readAs(kind, rows, row))
    },
    async listHolders(relation, target) {
      const found = await some()
        .where('entity_id', 'in', (query) =>
          query
            .selectFrom('iam_links')
            .select('holder_id')
            .where('account', '=', account)
            .where('relation', '=', relation)
            .where('target', '=', target),
        )
        .orderBy('name_key')
        .execute()
      const refers = (entity: Entity) =>
        linksOf(entity).some((link) => link.relation === relation && link.target === target)
      return found.map(rows.read).filter(refers)
    },
    async insert(tx, entity) {
      await hold(tx, account)
      const inserted = await tablesOf(tx)
        .insertInto('iam_entities')
        .values(rows.of({ ...entity, account }))
        .onConflict((conflict) => conflict.doNothing())
        .returning('entity_id')
        .executeTakeFirst()
      if (inserted === undefined) return false
      await writeLinks(tx, { ...entity, account })
      return true
    },
    async change(tx, authorized, change) {
      await hold(tx, account)
      const next = { ...authorized, ...change, account, version: authorized.version + 1 }
      const { numUpdatedRows } = await tablesOf(tx)
        .updateTable('iam_entities')
        .set(rows.of(next as Entity))
        .where('account', '=', account)
        .where('entity_id', '=', authorized.id)
        .where('version', '=', authorized.version)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new Moved()
      await writeLinks(tx, next as Entity)
    },
    async delete(tx, authorized) {
      await hold(tx, account)
      const { numDeletedRows } = await tablesOf(tx)
        .deleteFrom('iam_entities')
        .where('account', '=', account)
        .where('entity_id', '=', authorized.id)
        .where('version', '=', authorized.version)
        .executeTakeFirst()
      if (numDeletedRows !== 1n) throw new Moved()
      await deleteLinks(tx, account, authorized.id)
    },
    async exists(tx, id) {
      const row = await tablesOf(tx)
        .selectFrom('iam_entities')
        .select('entity_id')
        .where('account', '=', account)
        .where('entity_id', '=', id)
        .executeTakeFirst()
      return row !== undefined
    },
    async count(tx, kind) {
      const { total } = await tablesOf(tx)
        .selectFrom('iam_entities')
        .select(({ fn }) => fn.countAll().as('total'))
        .where('account', '=', account)
        .where('kind', '=', kind)
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    async countHolders(tx, relation, target) {
      const { total } = await tablesOf(tx)
        .selectFrom('iam_links')
        .select(({ fn }) => fn.countAll().as('total'))
        .where('account', '=', account)
        .where('relation', '=', relation)
        .where('target', '=', target)
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    async listUses(relation) {
      const found = await db
        .selectFrom('iam_links')
        .select(({ fn }) => ['target', fn.countAll().as('total')])
        .where('account', '=', account)
        .where('relation', '=', relation)
        .groupBy('target')
        .execute()
      return new Map(found.map(({ target, total }) => [target, Number(total)]))
    },
    async listCounts() {
      const found = await db
        .selectFrom('iam_entities')
        .select(({ fn }) => ['kind', fn.countAll().as('total')])
        .where('account', '=', account)
        .groupBy('kind')
        .execute()
      return new Map(found.map(({ kind, total }) => [kind as EntityKind, Number(total)]))
    },
    hold: (tx) => hold(tx, account),
  }
}

function tablesOf(tx: Transaction) {
  return tx.db.$extendTables<EntityTables>()
}

function readAs<K extends EntityKind>(
  kind: K,
  rows: EntityRows,
  row: EntityTables['iam_entities'],
): Entities[K] {
  const entity = rows.read(row)
  if (entity.kind !== kind) throw new Error(`${entity.id} is no ${kind}`)
  return entity as Entities[K]
}

/** Changes of one account's IAM happen one after the other, so that what they look at stays so. */
async function hold(tx: Transaction, account: string): Promise<void> {
  await tablesOf(tx)
    .insertInto('iam_account_versions')
    .values({ account, version: 1 })
    .onConflict((conflict) =>
      conflict
        .column('account')
        .doUpdateSet((row) => ({ version: sql`${row.ref('iam_account_versions.version')} + 1` })),
    )
    .execute()
  await tx.announce(ACCOUNT_TOPIC, account)
}

async function writeLinks(tx: Transaction, entity: Entity): Promise<void> {
  await deleteLinks(tx, entity.account, entity.id)
  const links = linksOf(entity)
  if (links.length === 0) return
  await tablesOf(tx)
    .insertInto('iam_links')
    .values(links.map((link) => ({ account: entity.account, holder_id: entity.id, ...link })))
    .execute()
}

async function deleteLinks(tx: Transaction, account: string, id: string): Promise<void> {
  await tablesOf(tx)
    .deleteFrom('iam_links')
    .where('account', '=', account)
    .where('holder_id', '=', id)
    .execute()
}
