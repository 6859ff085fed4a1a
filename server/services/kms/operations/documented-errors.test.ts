// Every error that AWS documents for an operation is told by a call through the SDK, or cannot be; and what an
// operation declares it does tell. AWS's list is that of the SDK's own documentation of its commands.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyOperation } from '../../../contract/operation.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import table from '../keys/key-states.json' with { type: 'json' }
import { kms as service } from '../service.ts'
import { type KeyKind, send, VALID_CALLS } from '../testing/calls.ts'
import {
  COMMON_FAULTS,
  FAULTS,
  type Fault,
  INPUTS_WITHOUT_KEY,
  SHOWN_ELSEWHERE,
} from '../testing/faults.ts'
import type { StoredKey } from '../testing/stored-key.ts'

const CUSTOM_KEY_STORES = 'there are no custom key stores, so nothing can be wrong with one'

/** Why no call of any operation is told so. */
const NEVER: readonly (readonly [error: RegExp, reason: string])[] = [
  [/^KMSInternal/, 'a failure of the server itself: pipeline/invoke.test.ts'],
  [/^(DependencyTimeout|KeyUnavailable)/, 'of key stores that do not answer: there are none'],
  [/^(CloudHsm|Xks|IncorrectTrustAnchor)/, CUSTOM_KEY_STORES],
  [/^CustomKeyStore(InvalidState|NameInUse|HasCMKs)/, CUSTOM_KEY_STORES],
]

const ANY_STATE = 'key-states.json: done in every state'

/** Why no call of this operation is told so. */
const NEVER_BY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CreateCustomKeyStore: { LimitExceededException: CUSTOM_KEY_STORES },
  CreateKey: {
    CustomKeyStoreNotFoundException: 'refused as an unsupported origin first',
    InvalidArnException: 'a new key is named by no ARN',
  },
  EnableKey: { LimitExceededException: 'keys are not counted: there is no such quota' },
  GenerateRandom: { UnsupportedOperationException: 'of a Recipient, in Regions that have none' },
  GetKeyPolicy: { KMSInvalidStateException: ANY_STATE },
  GetKeyRotationStatus: {
    KMSInvalidStateException: ANY_STATE,
    UnsupportedOperationException: 'keys that cannot rotate are told not to',
  },
  GetPublicKey: {
    InvalidKeyUsageException: 'keys of every usage have public keys, or are refused as unsupported',
  },
  ListGrants: { KMSInvalidStateException: ANY_STATE },
  ListKeyPolicies: { KMSInvalidStateException: ANY_STATE },
  ListKeyRotations: { KMSInvalidStateException: ANY_STATE },
  ListRetirableGrants: { NotFoundException: 'a principal that is not there is InvalidArn' },
  PutKeyPolicy: {
    KMSInvalidStateException: ANY_STATE,
    UnsupportedOperationException: 'every customer managed key has a policy to put',
  },
  RetireGrant: { KMSInvalidStateException: ANY_STATE },
  RevokeGrant: { KMSInvalidStateException: ANY_STATE },
  TagResource: { LimitExceededException: 'too many tags are TagException' },
}

/** What is told though AWS does not document it for the operation. */
const UNDOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  // Of aliases of AWS managed keys: told by the service, and not in its model.
  CreateAlias: ['NotAuthorizedException'],
  UpdateAlias: ['NotAuthorizedException'],
  CreateCustomKeyStore: ['UnsupportedOperationException'],
  ListKeyPolicies: ['InvalidMarkerException'],
}

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

const operations: readonly AnyOperation[] = Object.values(service.operations)

describe.each(operations.map(({ schema }) => schema.name))('%s', (name) => {
  const declared = declaredBy(name)
  const documented = documentedFor(name)

  it('declares what AWS documents, and tells why where it does not', () => {
    const undocumented = declared.filter((error) => !documented.includes(error))
    expect(undocumented).toEqual(UNDOCUMENTED[name] ?? [])
    const missing = documented.filter((error) => !declared.includes(error))
    const explained = missing.filter((error) => isNever(error) || NEVER_BY[name]?.[error])
    expect(missing).toEqual(explained)
    const stale = Object.keys(NEVER_BY[name] ?? {}).filter((error) => !missing.includes(error))
    expect(stale).toEqual([])
  })

  it.each(declared)('tells of %s', async (error) => {
    const shown = SHOWN_ELSEWHERE[name]?.[error]
    if (shown !== undefined) {
      const tests = readFileSync(new URL(`./${shown.file}`, import.meta.url), 'utf8')
      expect(tests).toContain(`it('${shown.title}'`)
      return
    }
    const fault = FAULTS[name]?.[error]
    if (fault === undefined && isOfStates(name, error)) return
    const told = await toldOf(name, fault ?? (COMMON_FAULTS[error] as Fault))
    expect(told.name).toBe(error)
  })
})

function declaredBy(name: string): readonly string[] {
  return (service.operations[name] as AnyOperation).errors.map((error) => error.name)
}

/** As the declarations of the installed SDK say. */
function documentedFor(name: string): readonly string[] {
  const sdk = fileURLToPath(import.meta.resolve('@aws-sdk/client-kms'))
  const folder = sdk.slice(0, sdk.lastIndexOf('/dist-'))
  const text = readFileSync(`${folder}/dist-types/commands/${name}Command.d.ts`, 'utf8')
  const found = [...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, error]) => error as string)
  return found.filter((error) => error !== 'KMSServiceException')
}

function isNever(error: string): boolean {
  return NEVER.some(([pattern]) => pattern.test(error))
}

/** Whether the table of states has the error, so that `key-states.test.ts` shows it. */
function isOfStates(name: string, error: string): boolean {
  const { refusals } = table
  const row = table.rows.find(({ operations }) => operations.includes(name))
  return Object.entries(row?.refused ?? {}).some(
    ([state, which]) =>
      state !== 'Unavailable' && refusals[which as keyof typeof refusals][0] === error,
  )
}

/** What a call is told that is valid but for the fault. */
async function toldOf(name: string, fault: Fault) {
  const { input, key, kind } = await validCall(name)
  const spoiled = await fault({ server, kms, input, key, kind })
  return refusalOf(send(kms, name, { ...input, ...spoiled }))
}

type Call = {
  readonly input: Readonly<Record<string, unknown>>
  readonly key: StoredKey
  readonly kind: KeyKind
}

/** Valid calls, each of which is only spoiled and never made. */
const calls = new Map<string, Promise<Call>>()

function validCall(name: string): Promise<Call> {
  const call = calls.get(name) ?? newCall(name)
  calls.set(name, call)
  return call
}

async function newCall(name: string): Promise<Call> {
  const { kind, before, input } = VALID_CALLS[name] ?? {
    kind: { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' },
    before: undefined,
    input: () => INPUTS_WITHOUT_KEY[name] ?? {},
  }
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({
      KeySpec: kind.spec,
      KeyUsage: kind.usage,
      ...(kind.isExternal && { Origin: 'EXTERNAL' }),
      ...(kind.regions && { MultiRegion: true }),
    }),
  )
  const key = { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
  const subject = { kms, key, canBeUsed: true }
  const prepared = await before?.(subject)
  return { key, kind, input: { ...prepared, ...(await input(subject)) } }
}
