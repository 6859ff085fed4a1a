// Every operation that acts on a key, with a key in every state: `key-states.json` is AWS's table.

import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  type KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyOperation } from '../../../contract/operation.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { kms as service } from '../service.ts'
import { type KeyKind, send, VALID_CALLS, type ValidCall } from '../testing/calls.ts'
import { PRIMARY_REGION, REPLICA_REGION } from '../testing/multi-region.ts'
import { alterKey, type StoredKey } from '../testing/stored-key.ts'
import type { KeyState } from './key.ts'
import table from './key-states.json' with { type: 'json' }

/** `Unavailable` is of keys in custom key stores, of which there are none. */
const STATES = [
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingReplicaDeletion',
  'PendingImport',
  'Creating',
  'Updating',
] as const satisfies readonly KeyState[]

type State = (typeof STATES)[number]
type Refused = Readonly<Record<string, string | undefined>>

let server: TestServer
let kms: KMSClient
let elsewhere: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  elsewhere = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

describe.each(STATES)('With a key that is %s', (state) => {
  it.each(table.rows.flatMap(({ operations }) => operations))(
    '%s does as AWS does',
    async (name) => {
      const { kind, before, input } = VALID_CALLS[name] as ValidCall
      const { key, prepared } = await keyIn(state, kind, before)
      const canBeUsed = state === 'Enabled' || state === 'Updating'
      const call = send(kms, operationOf(name), {
        ...prepared,
        ...(await input({ kms, key, canBeUsed })),
      })
      const expected = refusalIn(state, name, key)
      if (expected !== undefined) expect(await refusalOf(call)).toEqual(expected)
      else {
        await expect(call).resolves.toBeDefined()
        const { audit } = service.operations[operationOf(name)] as AnyOperation
        if (!audit.readOnly) kept.delete(placeOf(state, kind))
      }
    },
  )
})

it('The table has every operation, and a call of every operation that acts on a key', () => {
  const names = table.rows.flatMap(({ operations }) => operations)
  expect(Object.keys(VALID_CALLS).sort()).toEqual(names.toSorted())
  const operations = [...new Set(names.map(operationOf)), ...table.withoutKey]
  expect(operations.sort()).toEqual(Object.keys(service.operations).sort())
})

const refusals = new Map(Object.entries(table.refusals))

function refusalIn(state: State, name: string, { arn }: StoredKey) {
  const row = table.rows.find(({ operations }) => operations.includes(name))
  const refused: Refused = row?.refused ?? {}
  const which = refused[state]
  if (which === undefined) return undefined
  const [error, message] = refusals.get(which) as [string, string]
  return refusal(error, message.replace('{arn}', arn))
}

function operationOf(name: string): string {
  return name.split(',')[0] as string
}

type Before = ValidCall['before']
type Made = { readonly key: StoredKey; readonly prepared: object }

/** Keys that nothing has changed yet, for the next operation. */
const kept = new Map<string, StoredKey>()

function placeOf(state: State, kind: KeyKind): string {
  return JSON.stringify([state, kind])
}

async function keyIn(state: State, kind: KeyKind, before: Before): Promise<Made> {
  const place = placeOf(state, kind)
  const known = before === undefined ? kept.get(place) : undefined
  if (known !== undefined) return { key: known, prepared: {} }
  const made = await newKeyIn(state, kind, before)
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: made.key.id }))
  expect(KeyMetadata?.KeyState).toBe(state)
  if (before === undefined) kept.set(place, made.key)
  return made
}

/**
 * A key that came into the state as keys do; put there in the store where the state passes by itself, or
 * where what comes `before` cannot have been done to such a key.
 */
async function newKeyIn(state: State, kind: KeyKind, before: Before): Promise<Made> {
  if (state === 'Creating' && !kind.isExternal && before === undefined) {
    const primary = await newKeyOf(elsewhere, { ...kind, regions: 'one' })
    return { key: await replicate(elsewhere, primary, PRIMARY_REGION), prepared: {} }
  }
  const own = kindIn(state, kind, before)
  const key = await newKeyOf(kms, own)
  const isWaiting = state === 'PendingImport' && own.isExternal === true
  const prepared = (await before?.({ kms, key, canBeUsed: !isWaiting })) ?? {}
  const input = { KeyId: key.id }
  if (isWaiting || state === 'Enabled') return { key, prepared }
  if (state === 'PendingDeletion' || (state === 'PendingReplicaDeletion' && !own.isExternal)) {
    await kms.send(new ScheduleKeyDeletionCommand(input))
  } else if (state === 'Disabled') {
    await kms.send(new DisableKeyCommand(input))
  } else await alterKey(server, key, { state })
  return { key, prepared }
}

/** The kind of key that comes into the state. */
function kindIn(state: State, kind: KeyKind, before: Before): KeyKind {
  if (kind.isExternal) return kind
  if (state === 'PendingReplicaDeletion') return { ...kind, regions: 'two' }
  if (state === 'PendingDeletion' && kind.regions !== undefined) return { ...kind, regions: 'one' }
  if (state !== 'PendingImport' || before !== undefined) return kind
  const isImportable = kind.usage !== 'ENCAPSULATE_DECAPSULATE' && kind.regions === undefined
  return isImportable ? { ...kind, isExternal: true } : kind
}

async function newKeyOf(
  client: KMSClient,
  { spec, usage, isExternal, regions }: KeyKind,
): Promise<StoredKey> {
  const { KeyMetadata } = await client.send(
    new CreateKeyCommand({
      KeySpec: spec,
      KeyUsage: usage,
      ...(isExternal && { Origin: 'EXTERNAL' }),
      ...(regions && { MultiRegion: true }),
    }),
  )
  const key = { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
  if (regions !== 'two') return key
  const replica = await replicate(client, key, REPLICA_REGION)
  // As the job does that synchronizes it.
  await alterKey(server, replica, { state: 'Enabled' })
  return key
}

async function replicate(client: KMSClient, { id }: StoredKey, region: string): Promise<StoredKey> {
  const command = new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: region })
  const { ReplicaKeyMetadata } = await client.send(command)
  return { id, arn: ReplicaKeyMetadata?.Arn as string }
}
