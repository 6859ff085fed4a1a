// Aliases and alias ARNs as references to keys: who takes them, and what the trail says.
import {
  CreateAliasCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListKeyPoliciesCommand,
  ListResourceTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'

const HOME = 'arn:aws:kms:us-east-1:111122223333'
const ALIAS = 'alias/team/app'
const x = Buffer.from('x')

type Answer = { $metadata: { requestId?: string }; KeyId?: string | undefined }

let server: TestServer
let kms: KMSClient
let key: StoredKey
let blob: Uint8Array | undefined
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
  await kms.send(new CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: key.id }))
  blob = (await kms.send(new EncryptCommand({ KeyId: ALIAS, Plaintext: x }))).CiphertextBlob
})
afterAll(() => server.close())

const takers: Record<string, (KeyId: string) => Promise<Answer>> = {
  Encrypt: (KeyId) => kms.send(new EncryptCommand({ KeyId, Plaintext: x })),
  Decrypt: (KeyId) => kms.send(new DecryptCommand({ KeyId, CiphertextBlob: blob })),
  GenerateDataKey: (KeyId) => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
  DescribeKey: async (KeyId) => {
    const { KeyMetadata, $metadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
    return { KeyId: KeyMetadata?.Arn, $metadata }
  },
}

describe.each(Object.keys(takers))('%s', (name) => {
  const use = takers[name] as (KeyId: string) => Promise<Answer>
  const notFound = (arn: string) => refusal('NotFoundException', `Alias ${arn} is not found.`)

  it('takes an alias and the ARN of one, and tells the ARN of the key', async () => {
    for (const given of [ALIAS, `${HOME}:${ALIAS}`]) expect((await use(given)).KeyId).toBe(key.arn)
  })

  it('is recorded with the alias that was sent and the key that it stands for', async () => {
    for (const given of [ALIAS, `${HOME}:${ALIAS}`]) {
      expect(await recordOf(server, use(given))).toMatchObject({
        eventName: name,
        requestParameters: { keyId: given },
        resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
      })
    }
  })

  it('finds no alias where there is none, or where none can be', async () => {
    for (const given of ['alias/none', 'alias/', 'alias/a b', 'alias/a\0b', 'alias/aws/s3']) {
      expect(await refusalOf(use(given))).toEqual(notFound(`${HOME}:${given}`))
      expect(await refusalOf(use(`${HOME}:${given}`))).not.toMatchObject({ status: 500 })
    }
    expect(await refusalOf(use(`${HOME}:alias/none`))).toEqual(notFound(`${HOME}:alias/none`))
    expect(await refusalOf(use('Alias/team/app'))).toMatchObject({ name: 'NotFoundException' })
  })

  it('refuses the alias ARN of another Region, whether there is one or not', async () => {
    const elsewhere = `arn:aws:kms:eu-west-1:111122223333:${ALIAS}`
    const expected = refusal('NotFoundException', 'Invalid arn eu-west-1')
    expect(await refusalOf(use(elsewhere))).toEqual(expected)
    const european = server.kms({ region: 'eu-west-1' })
    const { id } = await newKey(european)
    await european.send(new CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: id }))
    expect(await refusalOf(use(elsewhere))).toEqual(expected)
    await european.send(new DeleteAliasCommand({ AliasName: ALIAS }))
  })
})

it('An alias of another account is denied in the same words whether there is one or not', async () => {
  const credentials = await addOtherAccount(server)
  const theirs = server.kms({ credentials })
  const { id } = await newKey(theirs)
  await theirs.send(new CreateAliasCommand({ AliasName: 'alias/theirs', TargetKeyId: id }))
  for (const use of Object.values(takers)) {
    const told = [`alias/theirs`, `alias/none`].map((name) =>
      refusalOf(use(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:${name}`)),
    )
    const [present, absent] = await Promise.all(told)
    expect(present).toEqual(absent)
    expect(present?.name).toBe('AccessDeniedException')
  }
  // By its name alone an alias is one of the caller's own account.
  expect((await refusalOf(theirs.send(new DescribeKeyCommand({ KeyId: ALIAS })))).name).toBe(
    'NotFoundException',
  )
})

it('What is done by an alias is authorized against the key', async () => {
  const closed = await newKey(kms)
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/closed', TargetKeyId: closed.id }))
  await alterKey(server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  const told = await refusalOf(takers.Encrypt?.('alias/closed') as Promise<unknown>)
  expect(told.name).toBe('AccessDeniedException')
  expect(told.message).toContain(closed.arn)
})

it('The state of a key is that of its alias', async () => {
  const other = await newKey(kms)
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/state', TargetKeyId: other.id }))
  await takers.Encrypt?.('alias/state')
  await kms.send(new DisableKeyCommand({ KeyId: other.id }))
  const expected = refusal('DisabledException', `${other.arn} is disabled.`)
  expect(await refusalOf(takers.Encrypt?.('alias/state') as Promise<unknown>)).toEqual(expected)
})

it('A moved alias takes effect at once, also for calls that are sent at the same time', async () => {
  const targets = [await newKey(kms), await newKey(kms)]
  const AliasName = 'alias/moving'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: targets[0]?.id }))
  for (let round = 1; round < 10; round++) {
    const target = targets[round % 2]
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: target?.id }))
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        kms.send(new EncryptCommand({ KeyId: AliasName, Plaintext: x })),
      ),
    )
    expect(new Set(answers.map(({ KeyId }) => KeyId))).toEqual(new Set([target?.arn]))
  }
})

const others: Record<string, (KeyId: string) => Promise<unknown>> = {
  DisableKey: (KeyId) => kms.send(new DisableKeyCommand({ KeyId })),
  GetKeyPolicy: (KeyId) => kms.send(new GetKeyPolicyCommand({ KeyId })),
  ListKeyPolicies: (KeyId) => kms.send(new ListKeyPoliciesCommand({ KeyId })),
  ListResourceTags: (KeyId) => kms.send(new ListResourceTagsCommand({ KeyId })),
  TagResource: (KeyId) => kms.send(new TagResourceCommand({ KeyId, Tags: [] })),
  UntagResource: (KeyId) => kms.send(new UntagResourceCommand({ KeyId, TagKeys: [] })),
  UpdateKeyDescription: (KeyId) =>
    kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'd' })),
}

it.each(Object.keys(others))('%s takes no alias, whether there is one or not', async (name) => {
  const use = others[name] as (KeyId: string) => Promise<unknown>
  const expected = refusal(
    'InvalidArnException',
    'Key Aliases are not supported for this operation.',
  )
  for (const given of [ALIAS, 'alias/none', `${HOME}:${ALIAS}`, `${HOME}:alias/none`]) {
    expect(await refusalOf(use(given))).toEqual(expected)
  }
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:alias/theirs`
  expect((await refusalOf(use(foreign))).name).toBe('AccessDeniedException')
})
