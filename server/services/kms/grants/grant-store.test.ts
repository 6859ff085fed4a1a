// The rows of grants, on both databases.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { ForgedRowError } from '../../../seal/row-mac.ts'
import { migrate, type Storage, type Transaction } from '../../../storage/storage.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { deleteKey } from '../keys/due-key-directory.ts'
import type { Key } from '../keys/key.ts'
import { kms } from '../service.ts'
import { insertKey, newRootKey, openStores } from '../testing/stores.ts'
import type { Grant } from './grant.ts'
import { type GrantStore, grantStore } from './grant-store.ts'
import type { GrantTables } from './tables.ts'

const BOUND_MS = { sqlite: 0, postgres: 1000 }
const ROLE = 'AROAREADER0000000001'

function grantOn(key: Key, more: Partial<Grant> = {}): Grant {
  return {
    account: key.account,
    region: key.region,
    keyId: key.id,
    id: randomBytes(32).toString('hex'),
    grantee: ROLE,
    retiring: undefined,
    issuer: key.account,
    name: undefined,
    operations: ['Decrypt'],
    constraints: { equals: undefined, subset: undefined, sourceArn: undefined },
    createdAtMs: 1_700_000_000_123,
    ...more,
  }
}

async function permitted(grants: GrantStore, key: Key, grantee = ROLE): Promise<Grant[]> {
  return [...(await grants.of(key, grantee)).permitting('Decrypt')]
}

describe.each(dialects)('The grant store on $name', (dialect) => {
  const root = newRootKey()

  async function open(storage: Storage) {
    return { storage, stores: await openStores(storage, root), grants: grantStore(storage, root) }
  }
  const fresh = async () => {
    const opened = await open(await dialect.freshStorage(kms.migrations))
    return { ...opened, key: await insertKey(opened.stores) }
  }

  it('finds a grant as it was inserted, whatever its constraints hold', async () => {
    const { storage, grants, key } = await fresh()
    const grant = grantOn(key, {
      retiring: 'AIDAURSULA0000000001',
      name: 'n',
      operations: ['CreateGrant', 'Decrypt'],
      constraints: { equals: [['__proto__', 'x']], subset: [['k', '\u65e5']], sourceArn: 'arn:x' },
    })
    await storage.write((tx) => grants.insert(tx, grant, 'print'))
    expect(await grants.find(key, grant.id)).toEqual(grant)
    expect(await permitted(grants, key)).toEqual([grant])
    expect(await storage.write((tx) => grants.findAlike(tx, key, 'print'))).toEqual(grant)
    expect(await storage.write((tx) => grants.findAlike(tx, key, 'other'))).toBeUndefined()
    const plain = grantOn(key)
    await storage.write((tx) => grants.insert(tx, plain, undefined))
    expect(await grants.find(key, plain.id)).toEqual(plain)
  })

  it('answers at once what it has found before, and hears of every change', async () => {
    const { storage, grants, key } = await fresh()
    expect(await grants.hasAny(key)).toBe(false)
    expect(grants.hasAny(key)).toBe(false)
    const grant = grantOn(key)
    await storage.write((tx) => grants.insert(tx, grant, undefined))
    expect(await grants.hasAny(key)).toBe(true)
    const index = await grants.of(key, ROLE)
    expect(grants.of(key, ROLE)).toBe(index)
    expect(await permitted(grants, key, 'AROAOTHER00000000001')).toEqual([])
    await storage.write((tx) => grants.delete(tx, grant))
    expect(await permitted(grants, key)).toEqual([])
    expect(await grants.hasAny(key)).toBe(false)
    await expect(storage.write((tx) => grants.delete(tx, grant))).rejects.toThrow(Moved)
  })

  it('lists by grant id, and by grantee, and by who may retire', async () => {
    const { storage, stores, grants, key } = await fresh()
    const other = await insertKey(stores)
    const retiring = 'AIDAURSULA0000000001'
    const made = [
      grantOn(key),
      grantOn(key, { retiring }),
      grantOn(key, { grantee: '444455556666', retiring }),
      grantOn(other, { retiring }),
    ]
    for (const grant of made) await storage.write((tx) => grants.insert(tx, grant, undefined))
    const sorted = (some: Grant[]) => some.map(({ id }) => id).sort()
    const idsOf = (found: readonly Grant[]) => found.map(({ id }) => id)
    const all = { id: undefined, grantee: undefined }
    const ids = sorted(made.slice(0, 3))
    expect(idsOf(await grants.list(key, all, undefined, 10))).toEqual(ids)
    expect(idsOf(await grants.list(key, all, ids[0], 1))).toEqual([ids[1]])
    expect(idsOf(await grants.list(key, { ...all, grantee: ROLE }, undefined, 9))).toEqual(
      sorted(made.slice(0, 2)),
    )
    expect(idsOf(await grants.list(key, { ...all, id: made[3]?.id }, undefined, 9))).toEqual([])
    expect(idsOf(await grants.listRetirable(retiring, key.region, undefined, 9))).toEqual(
      sorted(made.slice(1)),
    )
    expect(await grants.listRetirable(retiring, 'eu-west-1', undefined, 9)).toEqual([])
    expect(await storage.write((tx) => grants.count(tx, key))).toBe(3)
  })

  it.each<[string, Partial<GrantTables['kms_grants']>]>([
    ['the grantee', { grantee: 'AROAEVE00000000000001' }],
    ['the operations', { operations: '["Decrypt","CreateGrant"]' }],
    ['the constraints', { constraints: null }],
    ['the MAC', { mac: null }],
  ])('refuses a grant in which somebody else changed %s', async (_, change) => {
    const { storage, grants, key } = await fresh()
    const subset = [['k', 'v']] as const
    const constraints = { equals: undefined, subset, sourceArn: undefined }
    const grant = grantOn(key, { constraints })
    await storage.write((tx) => grants.insert(tx, grant, undefined))
    await storage.write((tx) =>
      tx.db.$extendTables<GrantTables>().updateTable('kms_grants').set(change).execute(),
    )
    await expect(grants.find(key, grant.id)).rejects.toThrow(ForgedRowError)
    const grantee = change.grantee ?? ROLE
    await expect(grants.of(key, grantee)).rejects.toThrow(ForgedRowError)
  })

  it('reads of a grantee who is known only the grants that changed, and verifies those', async () => {
    const place = await dialect.freshPlace()
    const before = await dialect.openAt(place)
    await migrate(before, kms.migrations)
    const first = await open(before)
    const key = await insertKey(first.stores)
    const [old, made, forged] = [grantOn(key), grantOn(key), grantOn(key)]
    await before.write((tx) => first.grants.insert(tx, old, undefined))
    // Opened afterwards, it never hears of the old one.
    const { storage, grants } = await open(await dialect.openAt(place))
    expect(await permitted(grants, key)).toEqual([old])
    const withoutMac = (tx: Transaction, { id }: Grant) =>
      tx.db
        .$extendTables<GrantTables>()
        .updateTable('kms_grants')
        .set({ mac: null })
        .where('grant_id', '=', id)
        .execute()
    // Nobody is told of it: whoever read it again would find it forged.
    await storage.write((tx) => withoutMac(tx, old))
    await storage.write((tx) => grants.insert(tx, made, undefined))
    expect(await permitted(grants, key)).toEqual([old, made])
    await storage.write((tx) => grants.delete(tx, made))
    expect(await permitted(grants, key)).toEqual([old])
    await storage.write(async (tx) => {
      await grants.insert(tx, forged, undefined)
      await withoutMac(tx, forged)
    })
    await expect(grants.of(key, ROLE)).rejects.toThrow(ForgedRowError)
    await expect(grants.of(key, ROLE)).rejects.toThrow(ForgedRowError)
    await storage.write((tx) => grants.delete(tx, forged))
    expect(await permitted(grants, key)).toEqual([old])
  })

  it('hears of many changes at once, of this grantee and others, and finds what is left', async () => {
    const { storage, grants, key } = await fresh()
    const other = grantOn(key, { grantee: 'AIDAURSULA0000000001' })
    const made = Array.from({ length: 70 }, () => grantOn(key))
    expect(await permitted(grants, key)).toEqual([])
    await storage.write(async (tx) => {
      for (const grant of [...made, other]) await grants.insert(tx, grant, undefined)
    })
    expect(new Set(await permitted(grants, key))).toEqual(new Set(made))
    const gone = made.slice(0, 35)
    await storage.write(async (tx) => {
      for (const grant of [...gone, other]) await grants.delete(tx, grant)
    })
    expect(new Set(await permitted(grants, key))).toEqual(new Set(made.slice(35)))
  })

  it('forgets all that it knew where an announcement names no grant', async () => {
    const { storage, grants, key } = await fresh()
    const grant = grantOn(key)
    await storage.write((tx) => grants.insert(tx, grant, undefined))
    expect(await permitted(grants, key)).toEqual([grant])
    await storage.write(async (tx) => {
      await tx.db.$extendTables<GrantTables>().deleteFrom('kms_grants').execute()
      await tx.announce('kms/grant', `${key.arn} ${ROLE}`)
    })
    expect(await permitted(grants, key)).toEqual([])
    expect(await grants.hasAny(key)).toBe(false)
  })

  it('loses the grants of a key with the key', async () => {
    const { storage, stores, grants, key } = await fresh()
    const grant = grantOn(key)
    await storage.write((tx) => grants.insert(tx, grant, undefined))
    await storage.write((tx) => deleteKey(tx, key))
    expect(await stores.keys.find(key.id)).toBeUndefined()
    expect(await grants.find(key, grant.id)).toBeUndefined()
  })

  it('hears of a new grant and of a revoked one in another process within the bound', async () => {
    const place = await dialect.freshPlace()
    const storage = await dialect.openAt(place)
    await migrate(storage, kms.migrations)
    const first = await open(storage)
    const second = await open(await dialect.openAt(place))
    const key = await insertKey(first.stores)
    const seen = async () => {
      second.storage.changes.requireCurrent()
      const some = await second.grants.hasAny(key)
      return some ? (await permitted(second.grants, key)).length : 0
    }
    const until = async (count: number) => {
      const deadline = performance.now() + BOUND_MS[dialect.name]
      while ((await seen()) !== count && performance.now() < deadline) await sleep(20)
      return seen()
    }
    expect(await seen()).toBe(0)
    const grant = grantOn(key)
    await first.storage.write((tx) => first.grants.insert(tx, grant, undefined))
    expect(await until(1)).toBe(1)
    await first.storage.write((tx) => first.grants.delete(tx, grant))
    expect(await until(0)).toBe(0)
  })
})
