// How callers name keys, and what they hear of names that lead nowhere: on every operation that takes one.
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const HOME = 'arn:aws:kms:us-east-1:111122223333'

let server: TestServer
let kms: KMSClient
let key: StoredKey
let foreignKey: StoredKey
let blob: Uint8Array | undefined
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
  const sealed = await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('x') }))
  blob = sealed.CiphertextBlob
  const credentials = await addOtherAccount(server)
  foreignKey = await newKey(server.kms({ credentials }))
})
afterAll(() => server.close())

const uses: Record<string, (KeyId: string) => Promise<unknown>> = {
  Encrypt: (KeyId) => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })),
  Decrypt: (KeyId) => kms.send(new DecryptCommand({ KeyId, CiphertextBlob: blob })),
  GenerateDataKey: (KeyId) => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
  DescribeKey: (KeyId) => kms.send(new DescribeKeyCommand({ KeyId })),
  DisableKey: (KeyId) => kms.send(new DisableKeyCommand({ KeyId })),
  EnableKey: (KeyId) => kms.send(new EnableKeyCommand({ KeyId })),
}
const takesAlias = ['Encrypt', 'Decrypt', 'GenerateDataKey', 'DescribeKey']
const declaresInvalidArn = ['DescribeKey', 'DisableKey', 'EnableKey']

describe.each(Object.keys(uses))('%s', (name) => {
  const use = uses[name] as (KeyId: string) => Promise<unknown>
  const notFound = (message: string) => refusal('NotFoundException', message)

  it('takes a key id and a key ARN', async () => {
    await use(key.id)
    await use(key.arn)
    // DisableKey comes before those that need an enabled key.
    await kms.send(new EnableKeyCommand({ KeyId: key.id }))
  })

  it('finds no key under an id that nobody has', async () => {
    const expected = notFound(`Key '${HOME}:key/${NO_KEY_ID}' does not exist`)
    expect(await refusalOf(use(NO_KEY_ID))).toEqual(expected)
    expect(await refusalOf(use(`${HOME}:key/${NO_KEY_ID}`))).toEqual(expected)
  })

  it('refuses the ARN of another Region, whether the key exists there or not', async () => {
    const elsewhere = server.kms({ region: 'eu-west-1' })
    const { KeyMetadata } = await elsewhere.send(new CreateKeyCommand())
    for (const arn of [KeyMetadata?.Arn as string, key.arn.replace('us-east-1', 'eu-west-1')]) {
      expect(await refusalOf(use(arn))).toEqual(notFound('Invalid arn eu-west-1'))
    }
    // By its id alone the key of another Region is not there either.
    const id = KeyMetadata?.KeyId as string
    expect(await refusalOf(use(id))).toEqual(notFound(`Key '${HOME}:key/${id}' does not exist`))
  })

  it('denies the ARN of another account in the same words whether the key exists or not', async () => {
    const expected = refusal(
      'AccessDeniedException',
      `User: arn:aws:iam::111122223333:root is not authorized to perform: kms:${name} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    )
    const invented = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
    const foreign = [
      foreignKey.arn,
      invented,
      invented.replace('us-east-1', 'eu-west-1'),
      `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:alias/theirs`,
      `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/no-key-id`,
    ]
    for (const arn of foreign) expect(await refusalOf(use(arn))).toEqual(expected)
  })

  it('does not reach the key of another account by its id', async () => {
    const expected = notFound(`Key '${HOME}:key/${foreignKey.id}' does not exist`)
    expect(await refusalOf(use(foreignKey.id))).toEqual(expected)
  })

  it('finds no alias where there is none, or takes none', async () => {
    const expected = takesAlias.includes(name)
      ? notFound(`Alias ${HOME}:alias/app is not found.`)
      : refusal('InvalidArnException', 'Key Aliases are not supported for this operation.')
    expect(await refusalOf(use('alias/app'))).toEqual(expected)
    expect(await refusalOf(use(`${HOME}:alias/app`))).toEqual(expected)
  })

  it.each([
    'not-a-key',
    '00000000-1111-4222-8333-44444444444',
    NO_KEY_ID.toUpperCase().replaceAll('0', 'A'),
    ' ',
    '../key',
    'mrk-123',
  ])("refuses '%s', which is no key id", async (given) => {
    expect(await refusalOf(use(given))).toEqual(notFound(`Invalid keyId '${given}'`))
  })

  it('refuses the ARN of something else than a key', async () => {
    for (const arn of [
      'arn:aws:s3:::bucket',
      'arn:aws:kms:us-east-1:11112222333:key/x',
      `arn:aws:kms:us-east-1:111122223333:${NO_KEY_ID}`,
      'arn:',
    ]) {
      const expected = declaresInvalidArn.includes(name)
        ? refusal('InvalidArnException', `Invalid ARN '${arn}'`)
        : notFound(`Invalid keyId '${arn}'`)
      expect(await refusalOf(use(arn))).toEqual(expected)
    }
    const noId = `${HOME}:key/not-a-key`
    expect(await refusalOf(use(noId))).toEqual(notFound(`Key '${noId}' does not exist`))
  })

  it('takes a reference of 1 to 2048 characters', async () => {
    const longest = 'k'.repeat(2048)
    expect(await refusalOf(use('k'))).toEqual(notFound("Invalid keyId 'k'"))
    expect(await refusalOf(use(longest))).toEqual(notFound(`Invalid keyId '${longest}'`))
    expect(await refusalOf(use(''))).toEqual(
      invalid(
        "Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
    )
    expect(await refusalOf(use(`${longest}k`))).toEqual(
      invalid(
        `Value '${longest}k' at 'keyId' failed to satisfy constraint: Member must have length less than or equal to 2048`,
      ),
    )
  })
})

it('A key id stands for the key of the caller’s own account', async () => {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(KeyMetadata?.Arn).toBe(`${HOME}:key/${key.id}`)
  expect(foreignKey.arn).toBe(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${foreignKey.id}`)
})
