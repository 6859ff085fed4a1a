// Who signs, bound by what: on both databases, in the process that changes it and in another one. Sessions:
// session-identities.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { dialects } from '../../storage/testing/dialects.ts'
import { settleFeed } from '../../storage/testing/settled-feed.ts'
import { entityArn } from './entities/entity.ts'
import { identityProcesses, keyValue, may, type Process } from './testing/identity-processes.ts'
import {
  ACCOUNT,
  allowing,
  denying,
  groupOf,
  NOW_MS,
  OTHER,
  openStores,
  policyOf,
  roleOf,
  userOf,
} from './testing/stores.ts'

/** How long another server may take to hear of a change; on one machine it hears at once. */
const BOUND_MS = { sqlite: 0, postgres: 1000 }

describe.each(dialects)('Identities on $name', (dialect) => {
  const { root, fresh, two, insert, keyFor, callerOf } = identityProcesses(dialect)

  it('a user signs as itself, bound by its own policies and its groups’', async () => {
    const process = await fresh()
    const policy = policyOf('Lists', allowing('kms:List*'))
    const group = groupOf('g', {
      inline: [{ name: 'p', document: allowing('kms:Encrypt') }],
      attached: [entityArn('policy', policy)],
    })
    const user = userOf('alice', {
      path: '/x/',
      groups: [group.id],
      inline: [{ name: 'p', document: allowing('kms:Decrypt') }],
      attached: ['arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser'],
      tags: [{ key: 'Team', value: 'blue' }],
    })
    await insert(process, policy, group, user)
    const id = await keyFor(process, user.id)
    const caller = await callerOf(process, id)
    expect(caller).toMatchObject({
      type: 'IAMUser',
      account: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:user/x/alice`,
      principalId: user.id,
      accessKeyId: id,
      userName: 'alice',
      session: undefined,
    })
    for (const action of ['kms:Encrypt', 'kms:Decrypt', 'kms:ListKeys', 'kms:CreateKey']) {
      expect([action, may(caller, action)]).toEqual([action, true])
    }
    expect(may(caller, 'kms:ScheduleKeyDeletion')).toBe(false)
    expect(keyValue(caller, 'aws:PrincipalTag/team')).toBe('blue')
    expect(keyValue(caller, 'aws:username')).toBe('alice')
    // Cached: no promise, and the same object, by which the signing key is kept.
    await settleFeed(process.storage)
    await callerOf(process, id)
    const again = process.identities.findCredential(id, undefined)
    expect(again).not.toBeInstanceOf(Promise)
    expect(again).toBe(process.identities.findCredential(id, undefined))
  })

  it('a permissions boundary bites', async () => {
    const process = await fresh()
    const boundary = policyOf('B', allowing('kms:Describe*'))
    const user = userOf('alice', {
      inline: [{ name: 'p', document: allowing('kms:*') }],
      boundary: entityArn('policy', boundary),
    })
    await insert(process, boundary, user)
    const caller = await callerOf(process, await keyFor(process, user.id))
    expect(may(caller, 'kms:DescribeKey')).toBe(true)
    expect(may(caller, 'kms:Decrypt')).toBe(false)
  })

  it('whatever cannot be read denies everything', async () => {
    const process = await fresh()
    const all = { inline: [{ name: 'all', document: allowing('*') }] }
    const malformed = policyOf('M', '{"Statement":[{"Effect":"allow"}]}')
    const foreign = `arn:aws:iam::${OTHER}:policy/P`
    const users = [
      userOf('inline', { inline: [...all.inline, { name: 'bad', document: '{"a":1,"a":2}' }] }),
      userOf('managed', { ...all, attached: [entityArn('policy', malformed)] }),
      userOf('gone', { ...all, attached: [`arn:aws:iam::${ACCOUNT}:policy/Gone`] }),
      userOf('unknown', { ...all, attached: ['arn:aws:iam::aws:policy/NoSuchPolicy'] }),
      userOf('foreign', { ...all, attached: [foreign] }),
      userOf('bounded', { ...all, boundary: `arn:aws:iam::${ACCOUNT}:policy/Gone` }),
      userOf('grouped', { ...all, groups: ['AGPAGONEGONEGONEGONE2'] }),
    ]
    const fine = userOf('fine', all)
    await insert(process, malformed, fine, ...users)
    await process.storage.write((tx) =>
      openStores(process.storage, root, OTHER).entities.insert(tx, {
        ...policyOf('P', allowing('*')),
        account: OTHER,
      }),
    )
    expect(may(await callerOf(process, await keyFor(process, fine.id)), 'kms:Decrypt')).toBe(true)
    for (const user of users) {
      const caller = await callerOf(process, await keyFor(process, user.id))
      expect([user.name, may(caller, 'kms:Decrypt')]).toEqual([user.name, false])
    }
  })

  it('what is taken away stops to count at once here, and within the bound elsewhere', async () => {
    const [here, there] = await two()
    const policy = policyOf('P', allowing('kms:Decrypt'))
    const attached = [entityArn('policy', policy)]
    const group = groupOf('g', { attached })
    const [a, b, c] = [
      userOf('a', { attached }),
      userOf('b', { groups: [group.id] }),
      userOf('c', { attached }),
    ] as const
    await insert(here, policy, group, a, b, c)
    const ids = [await keyFor(here, a.id), await keyFor(here, b.id), await keyFor(here, c.id)]
    const allowed = (process: Process) =>
      Promise.all(ids.map(async (id) => may(await callerOf(process, id), 'kms:Decrypt')))
    expect(await allowed(here)).toEqual([true, true, true])
    expect(await allowed(there)).toEqual([true, true, true])
    const { storage, entities } = here
    const steps = [
      () => storage.write((tx) => entities.change(tx, a, { attached: [] })),
      () => storage.write((tx) => entities.change(tx, b, { groups: [] })),
      () =>
        storage.write((tx) =>
          entities.change(tx, policy, {
            versions: [
              ...policy.versions,
              { number: 2, document: denying('kms:*'), createdAtMs: NOW_MS },
            ],
            defaultNumber: 2,
            lastNumber: 2,
          }),
        ),
    ]
    for (const [index, step] of steps.entries()) {
      await step()
      const expected = [0, 1, 2].map((user) => user > index)
      expect(await allowed(here)).toEqual(expected)
      await sleep(BOUND_MS[dialect.name])
      there.storage.changes.requireCurrent()
      expect(await allowed(there)).toEqual(expected)
    }
  })

  it('a deactivated or deleted access key and a deleted user sign no more, here and elsewhere', async () => {
    const [here, there] = await two()
    const [user, gone] = [userOf('user'), userOf('gone')] as const
    await insert(here, user, gone)
    const off = await keyFor(here, user.id)
    const deleted = await keyFor(here, user.id)
    const orphan = await keyFor(here, gone.id)
    const ids = [off, deleted, orphan]
    for (const process of [here, there]) {
      for (const id of ids) expect((await callerOf(process, id))?.type).toBe('IAMUser')
    }
    await here.storage.write(async (tx) => {
      expect(await here.accessKeys.setStatus(tx, user.id, off, 'Inactive')).toBe(true)
      expect(await here.accessKeys.delete(tx, user.id, deleted)).toBe(true)
      await here.entities.delete(tx, gone)
    })
    for (const id of ids) expect(await callerOf(here, id)).toBeUndefined()
    await sleep(BOUND_MS[dialect.name])
    there.storage.changes.requireCurrent()
    for (const id of ids) expect(await callerOf(there, id)).toBeUndefined()
    // And again, once it is active again.
    await here.storage.write((tx) => here.accessKeys.setStatus(tx, user.id, off, 'Active'))
    expect((await callerOf(here, off))?.userName).toBe('user')
  })

  it('access keys are their user’s, of their account, and no other’s', async () => {
    const process = await fresh()
    const [alice, bob] = [userOf('alice'), userOf('bob')] as const
    await insert(process, alice, bob)
    const first = await keyFor(process, alice.id)
    const { storage, accessKeys } = process
    const others = openStores(storage, root, OTHER).accessKeys
    expect(await accessKeys.list(alice.id)).toEqual([
      { accessKeyId: first, principal: alice.id, status: 'Active', createdAtMs: NOW_MS },
    ])
    expect(await accessKeys.list(bob.id)).toEqual([])
    expect(await others.find(first)).toBeUndefined()
    await storage.write(async (tx) => {
      expect(await accessKeys.setStatus(tx, bob.id, first, 'Inactive')).toBe(false)
      expect(await accessKeys.delete(tx, bob.id, first)).toBe(false)
      expect(await others.delete(tx, alice.id, first)).toBe(false)
      expect(await accessKeys.count(tx, alice.id)).toBe(1)
    })
    expect((await accessKeys.find(first))?.status).toBe('Active')
  })

  it('names: ids behind ARNs, ARNs behind ids, and roles as AssumeRole looks at them', async () => {
    const process = await fresh()
    const role = roleOf('App', { path: '/x/', tags: [{ key: 'k', value: 'v' }] })
    const broken = roleOf('Broken', { trustPolicy: '{}' })
    const group = groupOf('g')
    await insert(process, role, broken, group)
    const { identities } = process
    const arn = entityArn('role', role)
    expect(await identities.findPrincipalId(arn)).toBe(role.id)
    expect(await identities.findPrincipalArn(role.id)).toBe(arn)
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/App/one`
    expect(await identities.findPrincipalId(session)).toBe(`${role.id}:one`)
    expect(await identities.findPrincipalArn(`${role.id}:one`)).toBe(session)
    for (const other of [
      'app/one',
      'Nobody/one',
      'App/one/one',
      'App/',
      'aws:ec2-infrastructure/i-1',
    ]) {
      const none = session.replace('App/one', other)
      expect([other, await identities.findPrincipalId(none)]).toEqual([other, undefined])
    }
    expect(await identities.findPrincipalId(`arn:aws:iam::${ACCOUNT}:root`)).toBe(ACCOUNT)
    expect(await identities.findPrincipalId('arn:aws:iam::999999999999:root')).toBeUndefined()
    expect(await identities.findPrincipalId(entityArn('group', group))).toBeUndefined()
    expect(await identities.findPrincipalArn(group.id)).toBeUndefined()
    expect(await identities.findRole(arn)).toMatchObject({
      id: role.id,
      arn,
      account: ACCOUNT,
      maxSessionSeconds: 3600,
      tags: [['k', 'v']],
      isServiceLinked: false,
    })
    const nobody = await identities.findRole(entityArn('role', broken))
    expect([nobody?.trustPolicy.allows.length, nobody?.trustPolicy.denies.length]).toEqual([0, 1])
    expect(await identities.findRole(arn.replace('App', 'app'))).toBeUndefined()
    await process.storage.write((tx) => process.entities.delete(tx, role))
    expect(await identities.findPrincipalArn(role.id)).toBeUndefined()
    expect(await identities.findPrincipalArn(`${role.id}:one`)).toBeUndefined()
    const again = roleOf('App', { path: '/x/' })
    await insert(process, again)
    expect(await identities.findPrincipalId(arn)).toBe(again.id)
    expect(await identities.findPrincipalId(session)).toBe(`${again.id}:one`)
  })
})
