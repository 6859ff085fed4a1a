// Who may make a replica, and who may make it the primary key: both Regions have a say.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AccountPrincipal } from '../../../policy/principal.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { PutKeyPolicy } from '../operations/PutKeyPolicy.ts'
import { ReplicateKey } from '../operations/ReplicateKey.ts'
import { UpdatePrimaryRegion } from '../operations/UpdatePrimaryRegion.ts'
import { callerOf, type Desk, newDesk } from '../testing/desk.ts'

const ACCOUNT = '111122223333'
const OWNER_ARN = `arn:aws:iam::${ACCOUNT}:root`
const HERE = 'us-east-1'
const THERE = 'eu-west-1'
const OWNER = callerOf({ kind: 'root-user', account: ACCOUNT, arn: OWNER_ARN })
const USER: AccountPrincipal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
  id: 'AIDAQQQQQQQQQQQQQQQQQ',
  name: 'bob',
}

let desk: Desk & { close(): Promise<void> }
beforeAll(async () => {
  desk = await newDesk()
})
afterAll(() => desk.close())

type Statement = { Effect?: string; Action: string; Resource?: string; Condition?: object }

/** The user, with these statements as an identity policy. */
function userWith(...statements: readonly Statement[]) {
  const Statement = statements.map((one) => ({ Effect: 'Allow', Resource: '*', ...one }))
  return callerOf(USER, [{ Version: '2012-10-17', Statement }])
}

async function newPrimary(): Promise<string> {
  const { KeyMetadata } = await desk.call(CreateKey, OWNER, { MultiRegion: true })
  return KeyMetadata?.KeyId as string
}

function inRegion(region: string) {
  return { StringEquals: { 'aws:RequestedRegion': region } }
}

const TAGS = [{ TagKey: 'team', TagValue: 'red' }]
const REPLICATE = { Action: 'kms:ReplicateKey' }
const CREATE = { Action: 'kms:CreateKey' }

it.each<[string, Statement[]]>([
  [
    'ReplicateKey here and CreateKey there',
    [
      { ...REPLICATE, Condition: inRegion(HERE) },
      { ...CREATE, Condition: inRegion(THERE) },
    ],
  ],
  [
    'CreateKey of replicas',
    [
      REPLICATE,
      { ...CREATE, Condition: { StringEquals: { 'kms:MultiRegionKeyType': 'REPLICA' } } },
    ],
  ],
  [
    'ReplicateKey into that Region',
    [{ ...REPLICATE, Condition: { StringEquals: { 'kms:ReplicaRegion': THERE } } }, CREATE],
  ],
  [
    'ReplicateKey of primary keys',
    [
      { ...REPLICATE, Condition: { StringEquals: { 'kms:MultiRegionKeyType': 'PRIMARY' } } },
      CREATE,
    ],
  ],
])('ReplicateKey is allowed with %s', async (_what, statements) => {
  const input = { KeyId: await newPrimary(), ReplicaRegion: THERE }
  const { ReplicaKeyMetadata } = await desk.call(ReplicateKey, userWith(...statements), input)
  expect(ReplicaKeyMetadata?.KeyState).toBe('Creating')
})

it.each<[string, string, Statement[]]>([
  ['CreateKey', 'without it', [REPLICATE]],
  [
    'CreateKey',
    'in the Region of the primary alone',
    [REPLICATE, { ...CREATE, Condition: inRegion(HERE) }],
  ],
  [
    'CreateKey',
    'of primary keys alone',
    [
      REPLICATE,
      { ...CREATE, Condition: { StringEquals: { 'kms:MultiRegionKeyType': 'PRIMARY' } } },
    ],
  ],
  [
    'CreateKey',
    'where multi-Region keys are denied',
    [
      REPLICATE,
      CREATE,
      { Effect: 'Deny', ...CREATE, Condition: { Bool: { 'kms:MultiRegion': 'true' } } },
    ],
  ],
  ['ReplicateKey', 'without it', [CREATE]],
  [
    'ReplicateKey',
    'into another Region alone',
    [{ ...REPLICATE, Condition: { StringEquals: { 'kms:ReplicaRegion': 'ap-south-1' } } }, CREATE],
  ],
  [
    'ReplicateKey',
    'in the Region of the replica alone',
    [{ ...REPLICATE, Condition: inRegion(THERE) }, CREATE],
  ],
])('ReplicateKey needs kms:%s: it is denied %s', async (action, _when, statements) => {
  const input = { KeyId: await newPrimary(), ReplicaRegion: THERE }
  await expect(desk.call(ReplicateKey, userWith(...statements), input)).rejects.toThrow(
    `is not authorized to perform: kms:${action} on resource`,
  )
})

it('ReplicateKey with tags needs kms:TagResource on the replica, with the tags asked for', async () => {
  const KeyId = await newPrimary()
  const input = { KeyId, ReplicaRegion: THERE, Tags: TAGS }
  const tagging = (team: string): Statement => ({
    Action: 'kms:TagResource',
    Resource: `arn:aws:kms:${THERE}:${ACCOUNT}:key/${KeyId}`,
    Condition: { StringEquals: { 'aws:RequestTag/team': team } },
  })
  const denied = `kms:TagResource on resource: arn:aws:kms:${THERE}:${ACCOUNT}:key/${KeyId}`
  for (const caller of [
    userWith(REPLICATE, CREATE),
    userWith(REPLICATE, CREATE, tagging('blue')),
  ]) {
    await expect(desk.call(ReplicateKey, caller, input)).rejects.toThrow(denied)
  }
  await desk.call(ReplicateKey, userWith(REPLICATE, CREATE, tagging('red')), input)
})

it('Who may not replicate is told nothing of whether the key is there', async () => {
  const caller = userWith(CREATE)
  const ask = (KeyId: string) => desk.call(ReplicateKey, caller, { KeyId, ReplicaRegion: THERE })
  const id = await newPrimary()
  const absent = 'mrk-00000000000000000000000000000000'
  for (const KeyId of [id, absent]) {
    await expect(ask(KeyId)).rejects.toThrow(
      `perform: kms:ReplicateKey on resource: arn:aws:kms:${HERE}:${ACCOUNT}:key/${KeyId}`,
    )
  }
})

const UPDATE = { Action: 'kms:UpdatePrimaryRegion' }

it('UpdatePrimaryRegion is for those whom both Regions let', async () => {
  const KeyId = await newPrimary()
  await desk.call(ReplicateKey, OWNER, { KeyId, ReplicaRegion: THERE })
  const input = { KeyId, PrimaryRegion: THERE }
  const on = (region: string) => `arn:aws:kms:${region}:${ACCOUNT}:key/${KeyId}`
  const ask = (...statements: Statement[]) =>
    desk.call(UpdatePrimaryRegion, userWith(...statements), input)
  const denied = (region: string) => `perform: kms:UpdatePrimaryRegion on resource: ${on(region)}`
  await expect(ask({ ...UPDATE, Resource: on(HERE) })).rejects.toThrow(denied(THERE))
  await expect(ask({ ...UPDATE, Resource: on(THERE) })).rejects.toThrow(denied(HERE))
  await expect(ask({ ...UPDATE, Condition: inRegion(HERE) })).rejects.toThrow(denied(THERE))
  const elsewhere = { StringEquals: { 'kms:PrimaryRegion': 'ap-south-1' } }
  await expect(ask({ ...UPDATE, Condition: elsewhere })).rejects.toThrow(denied(HERE))
  // Allowed, and so told that the replica is not ready yet.
  const there = { StringEquals: { 'kms:PrimaryRegion': THERE } }
  await expect(ask({ ...UPDATE, Condition: there })).rejects.toThrow(`${on(THERE)} is creating.`)
})

it('A key policy of the primary alone does not make another key the primary', async () => {
  const KeyId = await newPrimary()
  await desk.call(ReplicateKey, OWNER, { KeyId, ReplicaRegion: THERE })
  desk.principals.set(USER.arn, 'AIDAQQQQQQQQQQQQQQQQQ')
  const allow = (AWS: string) => ({
    Effect: 'Allow',
    Principal: { AWS },
    Action: 'kms:*',
    Resource: '*',
  })
  const Statement = [allow(OWNER_ARN), allow(USER.arn)]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await desk.call(PutKeyPolicy, OWNER, { KeyId, Policy })
  await expect(
    desk.call(UpdatePrimaryRegion, callerOf(USER), { KeyId, PrimaryRegion: THERE }),
  ).rejects.toThrow(`on resource: arn:aws:kms:${THERE}:${ACCOUNT}:key/${KeyId}`)
})
