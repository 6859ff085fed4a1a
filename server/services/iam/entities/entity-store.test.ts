// The rows of users, groups, roles and policies, on both databases.
import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { iam } from '../service.ts'
import {
  ACCOUNT,
  allowing,
  groupOf,
  insertAccounts,
  newRootKey,
  OTHER,
  openStores,
  policyOf,
  roleOf,
  userOf,
} from '../testing/stores.ts'
import { type Entity, type EntityKind, entityArn } from './entity.ts'
import { entityDirectory } from './entity-directory.ts'
import { newEntityId } from './unique-id.ts'

// biome-ignore lint/suspicious/noExplicitAny: somebody else's statements know no types.
type Foreign = Kysely<any>

describe.each(dialects)('The entity store on $name', (dialect) => {
  const root = newRootKey()

  async function fresh() {
    const storage = await dialect.freshStorage(iam.migrations)
    await insertAccounts(storage, root)
    const stores = openStores(storage, root)
    const insert = (...entities: Entity[]) =>
      storage.write(async (tx) => {
        const answers: boolean[] = []
        for (const entity of entities) answers.push(await stores.entities.insert(tx, entity))
        return answers
      })
    return { ...stores, insert, directory: entityDirectory(storage, root) }
  }

  it('finds each kind as it was inserted, by name in any case and by id', async () => {
    const { entities, insert } = await fresh()
    const all = [
      userOf('Alice', { tags: [{ key: 'team', value: 'blue' }], boundary: 'arn:b', path: '/a/' }),
      groupOf('Admins', { inline: [{ name: 'p', document: '{}' }] }),
      roleOf('App', { description: 'of a test', linkedService: 'x.amazonaws.com' }),
      policyOf('Reads', allowing('kms:Describe*')),
    ]
    expect(await insert(...all)).toEqual([true, true, true, true])
    for (const entity of all) {
      expect(await entities.find(entity.kind, entity.name.toUpperCase())).toEqual(entity)
      expect(await entities.findById(entity.kind, entity.id)).toEqual(entity)
    }
    expect(await entities.find('user', 'Admins')).toBeUndefined()
    expect(await entities.findById('role', all[0]?.id ?? '')).toBeUndefined()
  })

  it('takes no name twice, whatever its case or path', async () => {
    const { entities, insert } = await fresh()
    const alice = userOf('alice')
    expect(await insert(alice, userOf('ALICE', { path: '/other/' }), roleOf('alice'))).toEqual([
      true,
      false,
      true,
    ])
    expect(await entities.find('user', 'Alice')).toEqual(alice)
  })

  it('shows the entities of other accounts to nobody', async () => {
    const { storage, insert, directory } = await fresh()
    const alice = userOf('alice')
    await insert(alice)
    const others = openStores(storage, root, OTHER).entities
    expect(await others.find('user', 'alice')).toBeUndefined()
    expect(await others.findById('user', alice.id)).toBeUndefined()
    const page = { pathPrefix: '/', after: undefined, limit: 10 }
    expect(await others.list('user', page)).toEqual([])
    await expect(storage.write((tx) => others.delete(tx, alice))).rejects.toThrow(Moved)
    await expect(storage.write((tx) => others.change(tx, alice, { path: '/' }))).rejects.toThrow(
      Moved,
    )
    expect(await directory.findById(alice.id)).toEqual(alice)
  })

  it('lists by name, page by page, below a path that is no pattern', async () => {
    const { entities, insert } = await fresh()
    await insert(userOf('b', { path: '/x_y/' }), userOf('C', { path: '/xzy/' }), userOf('a'))
    const list = async (pathPrefix: string, after: string | undefined, limit: number) =>
      (await entities.list('user', { pathPrefix, after, limit })).map(({ name }) => name)
    expect(await list('/', undefined, 10)).toEqual(['a', 'b', 'C'])
    expect(await list('/', undefined, 2)).toEqual(['a', 'b'])
    expect(await list('/', 'B', 2)).toEqual(['C'])
    expect(await list('/x_', undefined, 10)).toEqual(['b'])
    expect(await list('/%', undefined, 10)).toEqual([])
  })

  it('changes what was authorized, and throws Moved where it is another one by now', async () => {
    const { storage, entities, insert } = await fresh()
    const alice = userOf('alice')
    await insert(alice)
    const rename = () => storage.write((tx) => entities.change(tx, alice, { name: 'bob' }))
    await rename()
    expect(await entities.find('user', 'bob')).toEqual({ ...alice, name: 'bob', version: 2 })
    expect(await entities.find('user', 'alice')).toBeUndefined()
    await expect(rename()).rejects.toThrow(Moved)
    await expect(storage.write((tx) => entities.delete(tx, alice))).rejects.toThrow(Moved)
  })

  it('knows who refers to what, until they do not any more', async () => {
    const { storage, entities, insert } = await fresh()
    const group = groupOf('g', { attached: ['arn:p'] })
    const user = userOf('u', { groups: [group.id], attached: ['arn:p'], boundary: 'arn:b' })
    await insert(group, user)
    const holders = async (relation: 'group' | 'policy' | 'boundary', target: string) =>
      (await entities.listHolders(relation, target)).map(({ name }) => name)
    const count = (relation: 'group' | 'policy' | 'boundary', target: string) =>
      storage.write((tx) => entities.countHolders(tx, relation, target))
    expect(await holders('group', group.id)).toEqual(['u'])
    expect(await holders('policy', 'arn:p')).toEqual(['g', 'u'])
    expect(await holders('boundary', 'arn:b')).toEqual(['u'])
    expect(await count('policy', 'arn:p')).toBe(2)
    await storage.write((tx) => entities.change(tx, user, { attached: [], boundary: undefined }))
    expect(await holders('policy', 'arn:p')).toEqual(['g'])
    expect(await holders('boundary', 'arn:b')).toEqual([])
    await storage.write((tx) => entities.delete(tx, group))
    expect(await count('policy', 'arn:p')).toBe(0)
    expect(await storage.write((tx) => entities.exists(tx, group.id))).toBe(false)
    expect(await storage.write((tx) => entities.count(tx, 'user'))).toBe(1)
  })

  it('lets changes of one account happen one after the other', async () => {
    const { storage, entities, insert } = await fresh()
    await insert(userOf('first'))
    // Each looks how many there are and adds one: had two seen the same number, there would be more.
    const addBelow = (name: string, limit: number) =>
      storage.write(async (tx) => {
        await entities.insert(tx, userOf(name))
        if ((await entities.count(tx, 'user')) > limit) throw new Error('full')
      })
    const all = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => addBelow(name, 3)),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(await storage.write((tx) => entities.count(tx, 'user'))).toBe(3)
  })

  it.each<[string, object]>([
    ['its policies', { document: '{"inline":[],"attached":[],"groups":[],"tags":[]}' }],
    ['its name', { name: 'Alice' }],
    ['its path', { path: '/admins/' }],
    ['its account', { account: OTHER }],
    ['its version', { version: 9 }],
    ['its creation', { created_at_ms: 1 }],
    ['its kind', { kind: 'role' }],
    ['its MAC', { mac: Buffer.alloc(32) }],
    ['that it has a MAC', { mac: null }],
  ])('refuses an entity of which somebody changed %s', async (_what, values) => {
    const { storage, insert, directory } = await fresh()
    const alice = userOf('alice', { inline: [{ name: 'no', document: '{"Deny":1}' }] })
    await insert(alice)
    await storage.write((tx) =>
      (tx.db as unknown as Foreign).updateTable('iam_entities').set(values).execute(),
    )
    await expect(directory.findById(alice.id)).rejects.toThrow(/MAC does not verify/)
  })

  it('believes no link that its holder does not confirm', async () => {
    const { storage, entities, insert } = await fresh()
    const alice = userOf('alice')
    await insert(alice)
    await storage.write((tx) =>
      (tx.db as unknown as Foreign)
        .insertInto('iam_links')
        .values({ account: ACCOUNT, holder_id: alice.id, relation: 'policy', target: 'arn:p' })
        .execute(),
    )
    expect(await entities.listHolders('policy', 'arn:p')).toEqual([])
  })

  it('the directory finds by exactly the ARN, in any account', async () => {
    const { insert, directory } = await fresh()
    const role = roleOf('App', { path: '/x/' })
    await insert(role)
    const arn = entityArn('role', role)
    expect(arn).toBe(`arn:aws:iam::${ACCOUNT}:role/x/App`)
    expect(await directory.findByArn(arn)).toEqual(role)
    for (const other of [
      arn.replace('App', 'app'),
      arn.replace('/x/', '/'),
      arn.replace(ACCOUNT, OTHER),
      arn.replace('role', 'user'),
      `${arn}/`,
      'arn:aws:iam::111122223333:role/',
      `arn:aws:iam::${ACCOUNT}:role/${'x'.repeat(3000)}`,
    ]) {
      expect(await directory.findByArn(other), other).toBeUndefined()
    }
  })
})

it.each<[EntityKind, RegExp]>([
  ['user', /^AIDA[A-Z2-7]{17}$/],
  ['group', /^AGPA[A-Z2-7]{17}$/],
  ['role', /^AROA[A-Z2-7]{17}$/],
  ['policy', /^ANPA[A-Z2-7]{17}$/],
])('Unique ids of a %s have AWS’s form and never come twice', (kind, form) => {
  const ids = Array.from({ length: 1000 }, () => newEntityId(kind))
  for (const id of ids) expect(id).toMatch(form)
  expect(new Set(ids).size).toBe(ids.length)
})
