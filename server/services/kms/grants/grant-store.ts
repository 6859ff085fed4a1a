// The rows of grants of all keys. What one grantee has on one key is cached, and kept coherent by the
// change feed, grant by grant; so is whether a key has grants at all, which is all that most calls ask.
import type { Scope } from '../../../contract/call.ts'
import { type Awaitable, Moved } from '../../../contract/operation.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import { keyArn } from '../keys/key-reference.ts'
import { type Grant, isGrantId } from './grant.ts'
import type { GrantIndex } from './grant-index.ts'
import { grantRows } from './grant-rows.ts'
import { type GranteeGrants, granteeGrants } from './grantee-grants.ts'
import type { GrantTables } from './tables.ts'

/** The topic of grants that were made or are gone; the subject is the key's ARN, the grantee, the id. */
const GRANT_TOPIC = 'kms/grant'

const MAX_CACHED_KEYS = 10_000
const MAX_CACHED_GRANTEES = 20_000
/** How many grants are asked for by id at once. */
const IDS_AT_ONCE = 32

/** Whose grants these are. */
export type GrantsPlace = Scope & { readonly id: string; readonly arn: string }
/** Which grants of a key to list. */
export type GrantFilter = { readonly id: string | undefined; readonly grantee: string | undefined }

export type GrantStore = {
  /** Whether anybody has a grant on the key. */
  hasAny(key: GrantsPlace): Awaitable<boolean>
  /** What the grantee, by one of its names, has on the key. */
  of(key: GrantsPlace, grantee: string): Awaitable<GrantIndex>
  /** The grant as it is in the database now. */
  find(key: Scope & { readonly id: string }, grantId: string): Promise<Grant | undefined>
  /** At most `limit` grants of the key after the grant id `after`, by grant id. */
  list(
    key: GrantsPlace,
    filter: GrantFilter,
    after: string | undefined,
    limit: number,
  ): Promise<readonly Grant[]>
  /** At most `limit` grants on keys of the Region, of all accounts, which this principal may retire. */
  listRetirable(
    retiring: string,
    region: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly Grant[]>
  /** How many grants the key has; hold the key first, so that no other call adds one meanwhile. */
  count(tx: Transaction, key: GrantsPlace): Promise<number>
  /** The grant that was made by a request with this fingerprint. */
  findAlike(tx: Transaction, key: GrantsPlace, fingerprint: string): Promise<Grant | undefined>
  insert(tx: Transaction, grant: Grant, fingerprint: string | undefined): Promise<void>
  /** Throws Moved where the grant is gone already. */
  delete(tx: Transaction, grant: Grant): Promise<void>
}

export function grantStore(storage: Storage, rootKey: RootKey): GrantStore {
  const db = storage.read.$extendTables<GrantTables>()
  const rows = grantRows(rootKey)
  const presence = coherentCache<'some' | 'none'>({ maxEntries: MAX_CACHED_KEYS })
  /** By key and grantee; the one that came first leaves first. */
  const ofGrantees = new Map<string, GranteeGrants>()
  storage.changes.subscribe(GRANT_TOPIC, {
    onChange(announced) {
      const end = announced.lastIndexOf(' ')
      const grantId = announced.slice(end + 1)
      // Thrown, it makes all be forgotten.
      if (!isGrantId(grantId)) throw new Error('a change of grants names none')
      presence.drop(announced.slice(0, announced.indexOf(' ')))
      const whose = announced.slice(0, end)
      if (ofGrantees.get(whose)?.hear(grantId) === false) ofGrantees.delete(whose)
    },
    onReset() {
      presence.clear()
      ofGrantees.clear()
    },
  })

  function ofKey(key: Scope & { readonly id: string }) {
    return db
      .selectFrom('kms_grants')
      .where('account', '=', key.account)
      .where('region', '=', key.region)
      .where('key_id', '=', key.id)
  }

  async function loadPresence(key: GrantsPlace): Promise<'some' | 'none'> {
    const row = await ofKey(key).select('grant_id').limit(1).executeTakeFirst()
    return row === undefined ? 'none' : 'some'
  }

  function grantsOf(key: GrantsPlace, grantee: string): GranteeGrants {
    const whose = subject(key.arn, grantee)
    const found = ofGrantees.get(whose)
    if (found !== undefined) return found
    const [first] = ofGrantees.size < MAX_CACHED_GRANTEES ? [] : ofGrantees.keys()
    if (first !== undefined) ofGrantees.delete(first)
    const made = granteeGrants({
      page: (after, limit) => list(key, { id: undefined, grantee }, after, limit),
      those: (grantIds) => readThose(key, grantee, grantIds),
    })
    ofGrantees.set(whose, made)
    return made
  }

  async function readThose(
    key: GrantsPlace,
    grantee: string,
    grantIds: readonly string[],
  ): Promise<readonly Grant[]> {
    const found: Grant[] = []
    for (let start = 0; start < grantIds.length; start += IDS_AT_ONCE) {
      const some = grantIds.slice(start, start + IDS_AT_ONCE)
      // Always as many, so that it is one prepared statement.
      const ids = Array.from({ length: IDS_AT_ONCE }, (_, at) => some[at] ?? (some[0] as string))
      const of = ofKey(key).selectAll().where('grantee', '=', grantee)
      found.push(...(await of.where('grant_id', 'in', ids).execute()).map(rows.read))
    }
    return found
  }

  async function list(
    key: GrantsPlace,
    { id, grantee }: GrantFilter,
    after: string | undefined,
    limit: number,
  ): Promise<readonly Grant[]> {
    const found = await ofKey(key)
      .selectAll()
      .$if(id !== undefined, (query) => query.where('grant_id', '=', id as string))
      .$if(grantee !== undefined, (query) => query.where('grantee', '=', grantee as string))
      .$if(after !== undefined, (query) => query.where('grant_id', '>', after as string))
      .orderBy('grant_id')
      .limit(limit)
      .execute()
    return found.map(rows.read)
  }

  return {
    hasAny(key) {
      const found = presence.get(key.arn, () => loadPresence(key))
      return found instanceof Promise ? found.then((some) => some === 'some') : found === 'some'
    },
    of: (key, grantee) => grantsOf(key, grantee).current(),
    async find(key, grantId) {
      const row = await ofKey(key).selectAll().where('grant_id', '=', grantId).executeTakeFirst()
      return row && rows.read(row)
    },
    list,
    async listRetirable(retiring, region, after, limit) {
      const found = await db
        .selectFrom('kms_grants')
        .selectAll()
        .where('retiring', '=', retiring)
        .where('region', '=', region)
        .$if(after !== undefined, (query) => query.where('grant_id', '>', after as string))
        .orderBy('grant_id')
        .limit(limit)
        .execute()
      return found.map(rows.read)
    },
    async count(tx, key) {
      const { total } = await tx.db
        .$extendTables<GrantTables>()
        .selectFrom('kms_grants')
        .select(({ fn }) => fn.countAll().as('total'))
        .where('account', '=', key.account)
        .where('region', '=', key.region)
        .where('key_id', '=', key.id)
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    async findAlike(tx, key, fingerprint) {
      const row = await tx.db
        .$extendTables<GrantTables>()
        .selectFrom('kms_grants')
        .selectAll()
        .where('account', '=', key.account)
        .where('region', '=', key.region)
        .where('key_id', '=', key.id)
        .where('fingerprint', '=', fingerprint)
        .executeTakeFirst()
      return row && rows.read(row)
    },
    async insert(tx, grant, fingerprint) {
      await tx.db
        .$extendTables<GrantTables>()
        .insertInto('kms_grants')
        .values(rows.of(grant, fingerprint))
        .execute()
      await announce(tx, grant)
    },
    async delete(tx, grant) {
      const { numDeletedRows } = await tx.db
        .$extendTables<GrantTables>()
        .deleteFrom('kms_grants')
        .where('account', '=', grant.account)
        .where('region', '=', grant.region)
        .where('key_id', '=', grant.keyId)
        .where('grant_id', '=', grant.id)
        .executeTakeFirst()
      if (numDeletedRows !== 1n) throw new Moved()
      await announce(tx, grant)
    },
  }
}

function announce(tx: Transaction, grant: Grant): Promise<void> {
  const whose = subject(keyArn(grant, grant.keyId), grant.grantee)
  return tx.announce(GRANT_TOPIC, `${whose} ${grant.id}`)
}

function subject(arn: string, grantee: string): string {
  return `${arn} ${grantee}`
}
