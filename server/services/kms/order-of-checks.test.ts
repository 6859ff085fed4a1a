// Calls with several faults at once, which are taken away one by one: the order that `operation.ts` tells.
import {
  CreateAliasCommand,
  CreateGrantCommand,
  DisableKeyCommand,
  EncryptCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT_A } from '../../policy/testing/cast.ts'
import { refusalOf } from '../../testing/refusal.ts'
import { type TestServer, testServer } from '../../testing/test-server.ts'
import { send, VALID_CALLS, type ValidCall } from './testing/calls.ts'
import { newExternalKey, parametersFor } from './testing/importing.ts'
import {
  alterKey,
  FOREIGN,
  NO_KEY_ID,
  newKey,
  newKeyOf,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from './testing/stored-key.ts'

/** Of another account, which allows nobody anything; there is no such key either. */

let server: TestServer
let kms: KMSClient
let closed: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  closed = await disabled(await newKey(kms))
  await alterKey(server, closed, { policy: POLICY_WITHOUT_DELEGATION })
})
afterAll(() => server.close())

async function disabled(key: StoredKey): Promise<StoredKey> {
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  return key
}

async function pendingDeletion(key: StoredKey): Promise<StoredKey> {
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  return key
}

type Told = readonly [name: string, words: string]

/** Each call is told this; they are on their way already, and do not hinder each other. */
async function ladder(calls: readonly (readonly [call: Promise<unknown>, ...told: Told])[]) {
  const told = await Promise.all(calls.map(([call]) => refusalOf(call)))
  expect(told.map(({ name, message }) => [name, message])).toEqual(
    calls.map(([, name, words]) => [name, expect.stringContaining(words)]),
  )
}

/** Asks the account, or the grant, and not the key policy. */
const NOT_THE_KEY = ['ListAliases', 'RetireGrant']
const byKeyId = Object.entries(VALID_CALLS).filter(
  ([name, { before }]) => !name.includes(',') && !NOT_THE_KEY.includes(name) && !before,
)

it.each(byKeyId.map(([name]) => name))(
  '%s is denied before the state of the key, or what it is for, is told',
  async (name) => {
    const call = VALID_CALLS[name] as ValidCall
    const input = await call.input({ kms, key: closed, canBeUsed: false })
    const told = await refusalOf(send(kms, name, input))
    expect(told.name).toBe('AccessDeniedException')
    expect(told.message).not.toContain('disabled')
  },
)

it.each(byKeyId.map(([name]) => name))(
  '%s is told of its input before it is denied',
  async (name) => {
    const { input } = VALID_CALLS[name] as ValidCall
    const valid = await input({ kms, key: closed, canBeUsed: false })
    const told = await refusalOf(send(kms, name, { ...valid, ...tooLong(valid) }))
    expect(told.name).toBe('ValidationException')
  },
)

function tooLong(input: object): object {
  const members = Object.keys(input).filter((member) => /KeyId$/.test(member))
  return Object.fromEntries(members.map((member) => [member, 'k'.repeat(2049)]))
}

describe('The first fault is told of', () => {
  it('by Sign', async () => {
    const wrongKey = await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
    const halted = await disabled(await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC'))
    const key = await newKeyOf(kms, 'ECC_NIST_P256')
    const faulty = {
      SigningAlgorithm: 'RSASSA_PSS_SHA_256',
      Message: Buffer.alloc(31),
      MessageType: 'DIGEST',
      DryRun: true,
    } as const
    const sign = (KeyId: string, more = {}) =>
      kms.send(new SignCommand({ ...faulty, KeyId, ...more }))
    const ecdsa = { SigningAlgorithm: 'ECDSA_SHA_256' }
    const GrantTokens = ['no token']
    await ladder([
      [
        sign(FOREIGN, { GrantTokens, MessageType: 'NONE', SigningAlgorithm: 'NONE' }),
        'ValidationException',
        '2 validation errors detected',
      ],
      [sign(closed.id, { GrantTokens }), 'InvalidGrantTokenException', 'not valid'],
      [sign(FOREIGN), 'AccessDeniedException', 'not authorized'],
      [sign(NO_KEY_ID), 'NotFoundException', 'does not exist'],
      [sign(halted.id), 'DisabledException', 'is disabled'],
      [sign(wrongKey.id), 'InvalidKeyUsageException', 'key usage is GENERATE_VERIFY_MAC'],
      [sign(key.id), 'InvalidKeyUsageException', 'incompatible with key spec'],
      [sign(key.id, ecdsa), 'ValidationException', 'igest'],
      [sign(key.id, { ...ecdsa, Message: Buffer.alloc(32) }), 'DryRunOperationException', ''],
    ])
  })

  it('by ReEncrypt, the source before the destination', async () => {
    const [key, other] = [await newKey(kms), await newKey(kms)]
    const halted = await disabled(await newKey(kms))
    const rsa = await newKeyOf(kms, 'ECC_NIST_P256')
    const made = await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('x') }))
    const reEncrypt = (SourceKeyId: string, DestinationKeyId: string) =>
      kms.send(
        new ReEncryptCommand({
          CiphertextBlob: made.CiphertextBlob,
          SourceKeyId,
          DestinationKeyId,
          DryRun: true,
        }),
      )
    await ladder([
      [reEncrypt(NO_KEY_ID, closed.id), 'AccessDeniedException', 'ReEncryptTo'],
      [reEncrypt(NO_KEY_ID, 'no-key'), 'NotFoundException', NO_KEY_ID],
      [reEncrypt(halted.id, NO_KEY_ID), 'NotFoundException', NO_KEY_ID],
      [reEncrypt(rsa.id, halted.id), 'DisabledException', halted.arn],
      [reEncrypt(rsa.id, rsa.id), 'InvalidKeyUsageException', 'SIGN_VERIFY'],
      [reEncrypt(other.id, key.id), 'IncorrectKeyException', ''],
      [reEncrypt(key.id, other.id), 'DryRunOperationException', ''],
    ])
  })

  it('by ImportKeyMaterial', async () => {
    const local = await pendingDeletion(await newKey(kms))
    const going = await pendingDeletion(await newExternalKey(kms))
    const key = await newExternalKey(kms)
    const { ImportToken } = await parametersFor(kms, key)
    const faulty = { EncryptedKeyMaterial: Buffer.alloc(1), ImportToken: Buffer.alloc(1) }
    const never = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    const bring = (KeyId: string, more: object = never) =>
      kms.send(new ImportKeyMaterialCommand({ ...faulty, KeyId, ...more }))
    await ladder([
      [bring(FOREIGN, { ImportType: 'NONE' }), 'ValidationException', "at 'importType'"],
      [bring(FOREIGN, {}), 'ValidationException', 'A validTo date must be set'],
      [bring(FOREIGN), 'AccessDeniedException', ''],
      [bring(NO_KEY_ID), 'NotFoundException', ''],
      [bring(local.id), 'UnsupportedOperationException', 'origin is AWS_KMS'],
      [bring(going.id), 'KMSInvalidStateException', 'is pending deletion'],
      [bring(key.id), 'InvalidImportTokenException', ''],
      [bring(key.id, { ...never, ImportToken }), 'InvalidCiphertextException', ''],
    ])
  })

  it('by CreateGrant', async () => {
    const signing = await disabled(await newKeyOf(kms, 'ECC_NIST_P256'))
    const key = await newKeyOf(kms, 'ECC_NIST_P256')
    const grant = (KeyId: string, more = {}) =>
      kms.send(
        new CreateGrantCommand({
          KeyId,
          GranteePrincipal: ROOT_A,
          Operations: ['Encrypt'],
          DryRun: true,
          ...more,
        }),
      )
    await ladder([
      [grant(FOREIGN, { Name: ' ' }), 'ValidationException', "at 'name'"],
      [grant(FOREIGN, { Operations: ['CreateGrant'] }), 'ValidationException', 'only the Create'],
      [grant(FOREIGN), 'AccessDeniedException', ''],
      [grant(NO_KEY_ID), 'NotFoundException', ''],
      [grant(signing.id), 'DisabledException', ''],
      [grant(key.id), 'ValidationException', 'cannot include the operations'],
      [grant(key.id, { Operations: ['Sign'] }), 'DryRunOperationException', ''],
    ])
  })

  it('by CreateAlias', async () => {
    const key = await newKey(kms)
    const going = await pendingDeletion(await newKey(kms))
    const create = (TargetKeyId: string, AliasName = 'alias/taken') =>
      kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }))
    await create(key.id)
    await ladder([
      [create(FOREIGN, 'no alias'), 'ValidationException', "at 'aliasName'"],
      [create('alias/taken', 'alias/aws/a'), 'NotAuthorizedException', ''],
      [create('alias/taken'), 'ValidationException', 'Aliases must refer to keys'],
      [create(closed.id), 'AccessDeniedException', ''],
      [create(NO_KEY_ID), 'NotFoundException', ''],
      [create(going.id), 'KMSInvalidStateException', ''],
      [create(key.id), 'AlreadyExistsException', ''],
    ])
  })

  it('by TagResource and RotateKeyOnDemand', async () => {
    const key = await newKey(kms)
    const going = await pendingDeletion(await newKeyOf(kms, 'ECC_NIST_P256'))
    const tag = (KeyId: string, TagKey = 'aws:a') =>
      kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey, TagValue: '' }] }))
    const rotate = (KeyId: string) => kms.send(new RotateKeyOnDemandCommand({ KeyId }))
    const signing = await newKeyOf(kms, 'ECC_NIST_P256')
    await ladder([
      [tag(closed.id, 'a'.repeat(129)), 'ValidationException', 'tagKey'],
      [tag(closed.id), 'AccessDeniedException', ''],
      [tag(going.id), 'KMSInvalidStateException', ''],
      [tag(key.id), 'TagException', ''],
      [rotate(going.id), 'KMSInvalidStateException', ''],
      [rotate(signing.id), 'UnsupportedOperationException', ''],
    ])
  })
})
