// What keyhold policy explain and keyhold access report say is what the server then does.
import * as sdk from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAccessKey } from '../services/iam/access-key-directory.ts'
import type { User } from '../services/iam/entities/entity.ts'
import { allowing, denying, NOW_MS, openStores, userOf } from '../services/iam/testing/stores.ts'
import { leastPrivilegePolicy } from '../services/kms/policies/generate.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'

const ACCOUNT = '111122223333'
const arnOf = ({ name }: Pick<User, 'name'>) => `arn:aws:iam::${ACCOUNT}:user/${name}`

let server: OperatedServer
const clients = new Map<string, sdk.KMSClient>()

async function person(name: string, facts: Partial<User> = {}): Promise<User> {
  const root = await server.serving
  const { entities, accessKeys } = openStores(server.storage, root)
  const user = userOf(name, facts)
  const credentials = newAccessKey(ACCOUNT)
  await server.storage.write(async (tx) => {
    await entities.insert(tx, user)
    await accessKeys.insert(tx, user.id, credentials, NOW_MS)
  })
  clients.set(arnOf(user), server.kms(0, credentials))
  return user
}

const kmsOf = (principal: string) => clients.get(principal) as sdk.KMSClient

async function newKey(Policy?: object): Promise<string> {
  const asked = { BypassPolicyLockoutSafetyCheck: true }
  const { KeyMetadata } = await server
    .kms(0)
    .send(
      new sdk.CreateKeyCommand(
        Policy === undefined ? {} : { ...asked, Policy: JSON.stringify(Policy) },
      ),
    )
  return KeyMetadata?.Arn as string
}

const ask = async (operation: string, input: object) => {
  const { status, body } = await server.operator(operation, input)
  return { status, ...(body as Record<string, never>) } as Record<string, unknown>
}

/** A real call for each action: anything but a denial means that it was allowed. */
const CALLS: Readonly<Record<string, (kms: sdk.KMSClient, KeyId: string) => Promise<unknown>>> = {
  'kms:DescribeKey': (kms, KeyId) => kms.send(new sdk.DescribeKeyCommand({ KeyId })),
  'kms:GetKeyPolicy': (kms, KeyId) => kms.send(new sdk.GetKeyPolicyCommand({ KeyId })),
  'kms:GetKeyRotationStatus': (kms, KeyId) =>
    kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId })),
  'kms:ListKeyPolicies': (kms, KeyId) => kms.send(new sdk.ListKeyPoliciesCommand({ KeyId })),
  'kms:ListResourceTags': (kms, KeyId) => kms.send(new sdk.ListResourceTagsCommand({ KeyId })),
  'kms:Encrypt': (kms, KeyId) =>
    kms.send(new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })),
  'kms:GenerateDataKey': (kms, KeyId) =>
    kms.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
  'kms:Decrypt': (kms, KeyId) =>
    kms.send(new sdk.DecryptCommand({ KeyId, CiphertextBlob: Buffer.alloc(100) })),
  'kms:UpdateKeyDescription': (kms, KeyId) =>
    kms.send(new sdk.UpdateKeyDescriptionCommand({ KeyId, Description: 'd' })),
  'kms:EnableKey': (kms, KeyId) => kms.send(new sdk.EnableKeyCommand({ KeyId })),
  'kms:TagResource': (kms, KeyId) =>
    kms.send(new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] })),
}

async function isAllowed(principal: string, action: string, key: string): Promise<boolean> {
  try {
    await CALLS[action]?.(kmsOf(principal), key)
    return true
  } catch (error) {
    return (error as Error).name !== 'AccessDeniedException'
  }
}

beforeAll(async () => {
  server = await operatedServer()
  await server.serving
  clients.set(`arn:aws:iam::${ACCOUNT}:root`, server.kms(0))
  await person('ci')
  await person('appA')
  await person('reader', {
    inline: [{ name: 'read', document: allowing(['kms:Decrypt', 'kms:DescribeKey'] as never) }],
  })
  await person('administrator', { inline: [{ name: 'all', document: allowing('kms:*') }] })
  await person('barred', {
    inline: [
      { name: 'all', document: allowing('kms:*') },
      { name: 'but', document: denying('kms:Decrypt') },
    ],
  })
})
afterAll(() => server.close())

describe('The access report', () => {
  it('agrees with real calls, cell by cell, for keys under three policies', async () => {
    const leastPrivilege = leastPrivilegePolicy({
      account: ACCOUNT,
      grants: {
        'administer-resource': [arnOf({ name: 'ci' })],
        'read-config': [arnOf({ name: 'ci' })],
        'read-data': [arnOf({ name: 'appA' })],
        'write-data': [arnOf({ name: 'appA' })],
      },
      custom: { actions: [], principals: [] },
      style: 'allow-listed',
    })
    const mixed = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' },
        {
          Effect: 'Allow',
          Principal: { AWS: arnOf({ name: 'appA' }) },
          Action: 'kms:Encrypt',
          Resource: '*',
        },
        { Effect: 'Deny', Principal: '*', Action: 'kms:TagResource', Resource: '*' },
      ],
    }
    for (const policy of [undefined, leastPrivilege, mixed]) {
      const key = await newKey(policy)
      const { Principals } = await ask('ReportAccess', { Key: key, Actions: true })
      const rows = new Map(
        (Principals as Record<string, string>[]).map((row) => [row.Principal, row]),
      )
      for (const principal of clients.keys()) {
        for (const action of Object.keys(CALLS)) {
          const said = rows.get(principal)?.[action]?.startsWith('yes:') ?? false
          const done = await isAllowed(principal, action, key)
          expect([principal, action, said]).toEqual([principal, action, done])
        }
      }
    }
  })

  it('tells capabilities, and through which statement each comes', async () => {
    const key = await newKey()
    const { Principals } = await ask('ReportAccess', { Key: key })
    const row = (name: string) =>
      (Principals as Record<string, string>[]).find(({ Principal }) => Principal?.endsWith(name))
    expect(row(':root')?.['administer-resource']).toBe(
      'all: key policy Enable IAM User Permissions',
    )
    expect(row('/administrator')?.['read-data']).toMatch(
      /^all: .*all Statement\[0\], delegated by key policy Enable IAM User Permissions$/,
    )
    expect(row('/reader')?.['read-data']).toMatch(/^some: /)
    expect(row('/reader')?.['write-data']).toBeUndefined()
    expect(row('/ci')).toBeUndefined()
  })

  it('tells which condition keys a request would need', async () => {
    const condition = { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } }
    const statement = {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: condition,
    }
    const key = await newKey({
      Version: '2012-10-17',
      Statement: [{ ...statement, Principal: { AWS: arnOf({ name: 'appA' }) } }],
    })
    const { Principals } = await ask('ReportAccess', { Key: key, Actions: true })
    expect(Principals).toEqual([
      {
        Principal: arnOf({ name: 'appA' }),
        'kms:Decrypt': 'yes with kms:EncryptionContext:tenant: key policy Statement[0]',
      },
    ])
  })
})

describe('An explanation', () => {
  it('names the statement that decides, and what each layer said', async () => {
    const key = await newKey()
    const asked = { Principal: arnOf({ name: 'reader' }), Action: 'kms:Decrypt', Resource: key }
    const answer = await ask('ExplainAccess', asked)
    expect(answer).toMatchObject({ status: 200, Allowed: true })
    expect(answer.DecidedBy).toMatch(/^identity policy: .*reader read/)
    expect(answer.Layers).toContainEqual(
      expect.objectContaining({ Layer: 'resource', Outcome: 'allows', NamedAs: 'ACCOUNT' }),
    )
  })

  it('tells what the caller is told, and why in full', async () => {
    const key = await newKey()
    const Principal = arnOf({ name: 'barred' })
    const denied = await ask('ExplainAccess', { Principal, Action: 'kms:Decrypt', Resource: key })
    const told = await kmsOf(Principal)
      .send(new sdk.DecryptCommand({ KeyId: key, CiphertextBlob: Buffer.alloc(100) }))
      .catch((error: Error) => error.message)
    expect(denied).toMatchObject({ Allowed: false, Message: told })
    expect(denied.DecidedBy).toMatch(/^identity policy: .*barred but/)
  })

  it('takes supposed condition keys into account, for policies and encryption contexts', async () => {
    const condition = {
      StringEquals: { 'kms:EncryptionContext:tenant': 'a' },
      IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
    }
    const Principal = arnOf({ name: 'appA' })
    const statement = {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: condition,
    }
    const key = await newKey({
      Version: '2012-10-17',
      Statement: [{ ...statement, Principal: { AWS: Principal } }],
    })
    const asked = { Principal, Action: 'kms:Decrypt', Resource: key }
    const Context = ['kms:EncryptionContext:tenant=a', 'aws:SourceIp=10.1.2.3']
    expect(await ask('ExplainAccess', { ...asked, Context })).toMatchObject({ Allowed: true })
    const without = await ask('ExplainAccess', { ...asked, Context: Context.slice(0, 1) })
    expect(without).toMatchObject({ Allowed: false })
    expect(JSON.stringify(without.Statements)).toContain(
      'IpAddress aws:SourceIp fails: the request has no such key',
    )
  })

  it('answers for actions that act on no key, too', async () => {
    const may = (Principal: string) =>
      ask('ExplainAccess', { Principal, Action: 'kms:CreateKey', Resource: '*' })
    expect(await may(arnOf({ name: 'administrator' }))).toMatchObject({ Allowed: true })
    expect(await may(arnOf({ name: 'ci' }))).toMatchObject({ Allowed: false })
  })

  it('is refused for principals and keys that are not there', async () => {
    const key = await newKey()
    const asked = { Principal: arnOf({ name: 'ci' }), Action: 'kms:Decrypt', Resource: key }
    for (const Principal of [arnOf({ name: 'nobody' }), 'appA']) {
      expect(await ask('ExplainAccess', { ...asked, Principal })).toMatchObject({
        status: 400,
        __type: 'NoSuchPrincipalException',
      })
    }
    const Resource = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/none`
    expect(await ask('ExplainAccess', { ...asked, Resource })).toMatchObject({
      status: 400,
      __type: 'NoSuchKeyException',
    })
    expect(await ask('ReportAccess', { Key: 'app' })).toMatchObject({
      __type: 'NoSuchKeyException',
    })
  })
})
