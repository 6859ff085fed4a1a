// CreateGrant as callers see it; what grants allow is grants/enforcement.test.ts.
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  EncryptCommand,
  type KMSClient,
  ListGrantsCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Call } from '../../../contract/call.ts'
import { ROOT_A, ROOT_B } from '../../../policy/testing/cast.ts'
import { addOtherAccount } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { Key } from '../keys/key.ts'
import { GRANTS_PER_KEY } from '../limits.ts'
import type { KmsStores } from '../operation.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'
import { CreateGrant } from './CreateGrant.ts'

let server: TestServer
let kms: KMSClient
let theirs: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  theirs = server.kms({ credentials: await addOtherAccount(server) })
})
afterAll(() => server.close())
beforeEach(async () => {
  key = await newKey(kms)
})

function create(input: Partial<CreateGrantCommandInput> = {}) {
  return kms.send(
    new CreateGrantCommand({
      KeyId: key.id,
      GranteePrincipal: ROOT_B,
      Operations: ['Encrypt'],
      ...input,
    }),
  )
}
const listed = async () => (await kms.send(new ListGrantsCommand({ KeyId: key.id }))).Grants ?? []
const use = () => theirs.send(new EncryptCommand({ KeyId: key.arn, Plaintext: Buffer.from('x') }))

it('CreateGrant gives an id and a token, and its grantee the key, at once', async () => {
  expect((await refusalOf(use())).name).toBe('AccessDeniedException')
  const { GrantId, GrantToken } = await create()
  expect(GrantId).toMatch(/^[0-9a-f]{64}$/)
  expect(GrantToken).toMatch(/^[\w-]{100,512}$/)
  await use()
})

it('CreateGrant takes the ARN of the key, and no alias', async () => {
  await create({ KeyId: key.arn })
  expect((await refusalOf(create({ KeyId: 'alias/a' }))).name).toBe('InvalidArnException')
})

it('CreateGrant makes one grant of requests that are alike and have a name', async () => {
  const Constraints = { EncryptionContextSubset: { b: '2', a: '1' } }
  const asked = { Name: 'n', Operations: ['Decrypt', 'Encrypt'] as const, Constraints }
  const alike = [
    await create({ ...asked, Operations: ['Decrypt', 'Encrypt'] }),
    await create({ ...asked, Operations: ['Encrypt', 'Decrypt', 'Encrypt'] }),
    await create({ ...asked, Operations: ['Decrypt', 'Encrypt'] }),
  ]
  expect(new Set(alike.map(({ GrantId }) => GrantId)).size).toBe(1)
  expect(new Set(alike.map(({ GrantToken }) => GrantToken)).size).toBe(3)
  const others = [
    await create({ ...asked, Operations: ['Encrypt'] }),
    await create({ ...asked, Operations: ['Decrypt', 'Encrypt'], Name: 'm' }),
    await create({ ...asked, Operations: ['Decrypt', 'Encrypt'], Constraints: undefined }),
    await create({ ...asked, Operations: ['Decrypt', 'Encrypt'], RetiringPrincipal: ROOT_A }),
  ]
  expect(new Set([...alike, ...others].map(({ GrantId }) => GrantId)).size).toBe(5)
  // Without a name every request makes one.
  await create()
  await create()
  expect(await listed()).toHaveLength(7)
})

it('CreateGrant with a name makes one grant of as many requests as come at once', async () => {
  const made = await Promise.all(Array.from({ length: 10 }, () => create({ Name: 'same' })))
  expect(new Set(made.map(({ GrantId }) => GrantId)).size).toBe(1)
})

it.each<[Partial<CreateGrantCommandInput>, string]>([
  [
    { GranteePrincipal: undefined },
    'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
  ],
  [
    { GranteeServicePrincipal: 'rds.amazonaws.com' },
    'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
  ],
  [
    { RetiringPrincipal: ROOT_A, RetiringServicePrincipal: 'rds.amazonaws.com' },
    'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
  ],
  [
    {
      GranteePrincipal: undefined,
      GranteeServicePrincipal: 'rds.amazonaws.com',
      RetiringPrincipal: ROOT_A,
    },
    'GranteeServicePrincipal requires a SourceArn grant constraint.',
  ],
  [
    {
      GranteePrincipal: undefined,
      GranteeServicePrincipal: 'rds.amazonaws.com',
      Constraints: { SourceArn: 'arn:aws:rds:us-east-1:1:db:a' },
    },
    'GranteeServicePrincipal requires a RetiringPrincipal or a RetiringServicePrincipal.',
  ],
  [{ Operations: ['CreateGrant'] }, 'Grants must not contain only the CreateGrant operation.'],
  [
    { Operations: ['Encrypt', 'Sign', 'GenerateMac'] },
    'Grants on a key of spec SYMMETRIC_DEFAULT and usage ENCRYPT_DECRYPT cannot include the operations [Sign, GenerateMac].',
  ],
  [
    {
      Constraints: {
        EncryptionContextSubset: Object.fromEntries(
          Array.from({ length: 9 }, (_, i) => [`k${i}`, 'v']),
        ),
      },
    },
    'A grant constraint can include up to 8 encryption context pairs.',
  ],
  [
    { Constraints: { EncryptionContextEquals: { k: 'v'.repeat(385) } } },
    'The encryption context in a grant constraint cannot exceed 384 characters.',
  ],
  [
    { Constraints: { SourceArn: 'arn:short' } },
    'The SourceArn of a grant constraint is an ARN of 20 to 512 characters.',
  ],
])('CreateGrant refuses %j', async (input, message) => {
  expect(await refusalOf(create(input))).toEqual(refusal('ValidationException', message))
  expect(await listed()).toEqual([])
})

it('CreateGrant takes constraints up to their limits, and services', async () => {
  const pairs = Array.from({ length: 8 }, (_, i) => [`k${i}`, 'v'.repeat(384)])
  await create({ Constraints: { EncryptionContextEquals: Object.fromEntries(pairs) } })
  await create({
    GranteePrincipal: undefined,
    GranteeServicePrincipal: 'rds.us-east-1.amazonaws.com',
    RetiringServicePrincipal: 'rds.amazonaws.com',
    Constraints: { SourceArn: 'arn:aws:rds:us-east-1:1:db:a' },
  })
  expect(await listed()).toHaveLength(2)
})

it.each([
  'arn:aws:iam::999999999999:root',
  'arn:aws:iam::111122223333:user/nobody',
  'AIDANOBODY0000000001',
  'rds.amazonaws.com',
])('CreateGrant knows no principal %s', async (principal) => {
  const refused = refusal(
    'InvalidArnException',
    `ARN does not refer to a valid principal: ${principal}`,
  )
  expect(await refusalOf(create({ GranteePrincipal: principal }))).toEqual(refused)
  expect(await refusalOf(create({ RetiringPrincipal: principal }))).toEqual(refused)
})

it('CreateGrant refuses members beyond the limits', async () => {
  expect(await refusalOf(create({ Name: 'a b' }))).toEqual(
    invalid(
      "Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
    ),
  )
  const word = (await refusalOf(create({ Operations: ['Delete' as 'Encrypt'] }))).message
  expect(word).toContain("at 'operations' failed to satisfy constraint: Member must satisfy")
  expect((await refusalOf(create({ Operations: [] }))).name).toBe('ValidationException')
  expect((await refusalOf(create({ GranteePrincipal: 'a b' }))).name).toBe('ValidationException')
})

it('CreateGrant checks permission, then existence, then the state of the key', async () => {
  expect((await refusalOf(create({ KeyId: NO_KEY_ID }))).name).toBe('NotFoundException')
  expect((await refusalOf(create({ KeyId: 'arn:x' }))).name).toBe('InvalidArnException')
  await alterKey(server, key, { state: 'Disabled' })
  expect(await refusalOf(create())).toEqual(refusal('DisabledException', `${key.arn} is disabled.`))
  await alterKey(server, key, { state: 'PendingDeletion' })
  expect((await refusalOf(create())).name).toBe('KMSInvalidStateException')
  await alterKey(server, key, { policy: POLICY_WITHOUT_DELEGATION })
  expect((await refusalOf(create())).name).toBe('AccessDeniedException')
})

it('CreateGrant as a dry run says that it would succeed, and makes nothing', async () => {
  expect((await refusalOf(create({ DryRun: true }))).name).toBe('DryRunOperationException')
  const wrong = create({ DryRun: true, GranteePrincipal: 'AIDANOBODY0000000001' })
  expect((await refusalOf(wrong)).name).toBe('InvalidArnException')
  expect(await listed()).toEqual([])
})

it('CreateGrant makes no more grants on a key than its quota', async () => {
  const of = (present: number) =>
    CreateGrant.apply(
      { key: {} as Key, grant: {} as never, fingerprint: undefined },
      {} as never,
      {
        stores: {
          keys: { hold: () => Promise.resolve() },
          grants: { count: () => Promise.resolve(present), insert: () => Promise.resolve() },
          grantTokens: { of: () => 'token' },
        },
      } as unknown as Call<KmsStores>,
    )
  await expect(of(GRANTS_PER_KEY)).rejects.toThrow('A key cannot have more than 50000 grants.')
  await expect(of(GRANTS_PER_KEY - 1)).resolves.toMatchObject({ GrantToken: 'token' })
})

it('CreateGrant is recorded without its token', async () => {
  const Constraints = { EncryptionContextSubset: { Tenant: 'a' } }
  const record = await recordOf(server, create({ Name: 'n', Constraints }))
  expect(record).toMatchObject({
    eventName: 'CreateGrant',
    readOnly: false,
    requestParameters: {
      keyId: key.id,
      granteePrincipal: ROOT_B,
      operations: ['Encrypt'],
      constraints: { encryptionContextSubset: { Tenant: 'a' } },
      name: 'n',
    },
    responseElements: { grantId: (await listed())[0]?.GrantId },
    resources: [{ ARN: key.arn }],
  })
  expect(JSON.stringify(record)).not.toContain('oken')
})
