// What ImportKeyMaterial refuses: tokens, material, dates, members and keys; and what a policy can ask of it.
import { join } from 'node:path'
import {
  CreateKeyCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { allow, deny, policy, ROOT_A, to } from '../../../policy/testing/cast.ts'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { Key } from '../keys/key.ts'
import { openDomainKeyStore } from '../material/domain-key-store.ts'
import { importTokens } from '../material/import-token.ts'
import {
  importInto,
  newExternalKey,
  type Parameters,
  parametersFor,
  wrapped,
} from '../testing/importing.ts'
import { metadataOf } from '../testing/multi-region.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000
const NO_EXPIRY = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const
const INVALID_TOKEN = refusal(
  'InvalidImportTokenException',
  'The import token is not valid, or is associated with a different KMS key.',
)

let server: TestServer
let kms: KMSClient
/** One key and its parameters serve all that is refused. */
let key: StoredKey
let parameters: Parameters
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newExternalKey(kms)
  parameters = await parametersFor(kms, key)
})
afterAll(() => server.close())

function importKey(input: Partial<ImportKeyMaterialCommandInput>) {
  const whole = {
    KeyId: key.id,
    ImportToken: parameters.ImportToken,
    EncryptedKeyMaterial: wrapped(parameters, randomBytes(32)),
    ...NO_EXPIRY,
    ...input,
  }
  return kms.send(new ImportKeyMaterialCommand(whole))
}

describe('ImportKeyMaterial refuses', () => {
  it('a token of another key, a changed one, and none at all', async () => {
    const other = await parametersFor(kms, await newExternalKey(kms))
    expect(await refusalOf(importKey({ ImportToken: other.ImportToken }))).toEqual(INVALID_TOKEN)
    for (const at of [0, 1, 16, 17, 60, -1]) {
      const changed = Buffer.from(parameters.ImportToken)
      const place = at < 0 ? changed.length + at : at
      changed[place] = (changed[place] as number) ^ 1
      expect(await refusalOf(importKey({ ImportToken: changed }))).toEqual(INVALID_TOKEN)
    }
    for (const ImportToken of [Buffer.of(1), Buffer.alloc(17, 1), Buffer.alloc(6144, 1)]) {
      expect(await refusalOf(importKey({ ImportToken }))).toEqual(INVALID_TOKEN)
    }
  })

  it('a token of yesterday', async () => {
    const root = readRootKeyFile(join(server.directory, 'root.key'))
    const tokens = importTokens(await openDomainKeyStore(server.storage, root, server.regions))
    const place = { account: '111122223333', region: 'us-east-1', id: key.id } as Key
    const make = (atMs: number) => tokens.make(place, 'RSAES_OAEP_SHA_256', 'RSA_2048', atMs)
    const old = await make(Date.now() - DAY_MS)
    expect(await refusalOf(importKey({ ImportToken: old.token }))).toEqual(
      refusal(
        'ExpiredImportTokenException',
        'The import token has expired. Use GetParametersForImport to get a new import token and public key.',
      ),
    )
    // One that is good for another minute is told of the material instead.
    const young = await make(Date.now() - DAY_MS + 60_000)
    const told = await refusalOf(importKey({ ImportToken: young.token }))
    expect(told.name).toBe('InvalidCiphertextException')
  })

  it('material wrapped for another token', async () => {
    const other = await parametersFor(kms, key)
    const EncryptedKeyMaterial = wrapped(other, randomBytes(32))
    const { name, status } = await refusalOf(importKey({ EncryptedKeyMaterial }))
    expect([name, status]).toEqual(['InvalidCiphertextException', 400])
  })

  it.each([1, 16, 31, 33, 64])('symmetric material of %i bytes', async (length) => {
    const EncryptedKeyMaterial = wrapped(parameters, randomBytes(length))
    expect(await refusalOf(importKey({ EncryptedKeyMaterial }))).toEqual(
      refusal(
        'IncorrectKeyMaterialException',
        'The key material is not valid for key spec SYMMETRIC_DEFAULT: symmetric keys are binary, private keys are DER-encoded PKCS #8.',
      ),
    )
  })

  it('an expiration that is none', async () => {
    const tooFar = `The validTo date must be in the future, and at most 365 days from now`
    const soon = new Date(Date.now() + DAY_MS)
    for (const [input, message] of [
      [{}, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
      [
        { ExpirationModel: 'KEY_MATERIAL_EXPIRES' },
        'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
      ],
      [
        { ...NO_EXPIRY, ValidTo: soon },
        'A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
      ],
      [{ ValidTo: new Date(Date.now() - 1000) }, tooFar],
      [{ ValidTo: new Date(Date.now() + 366 * DAY_MS) }, tooFar],
    ] as const) {
      const told = await refusalOf(importKey({ ExpirationModel: undefined, ...input }))
      expect(told).toEqual(refusal('ValidationException', message))
    }
  })

  it('an id for material that is new', async () => {
    const told = importKey({ ImportType: 'NEW_KEY_MATERIAL', KeyMaterialId: '0'.repeat(64) })
    expect(await refusalOf(told)).toEqual(
      refusal(
        'ValidationException',
        'KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL',
      ),
    )
  })

  it('material that should be there already, where none ever was', async () => {
    const told = await refusalOf(importKey({ ImportType: 'EXISTING_KEY_MATERIAL' }))
    expect(told.name).toBe('IncorrectKeyMaterialException')
  })

  it('members beyond their limits', async () => {
    expect(await refusalOf(importKey({ KeyMaterialId: 'A'.repeat(64) }))).toEqual(
      invalid(
        `Value '${'A'.repeat(64)}' at 'keyMaterialId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-f0-9]+$`,
      ),
    )
    expect(await refusalOf(importKey({ ImportToken: Buffer.alloc(6145) }))).toEqual(
      invalid(
        "Value at 'importToken' failed to satisfy constraint: Member must have length less than or equal to 6144",
      ),
    )
    expect((await refusalOf(importKey({ EncryptedKeyMaterial: Buffer.of() }))).name).toBe(
      'ValidationException',
    )
    expect((await refusalOf(importKey({ KeyMaterialDescription: 'a;b' }))).name).toBe(
      'ValidationException',
    )
  })

  it('a key with material made here, whatever the token', async () => {
    const { id, arn } = await newKey(kms)
    expect(await refusalOf(importKey({ KeyId: id }))).toEqual(
      refusal(
        'UnsupportedOperationException',
        `${arn} origin is AWS_KMS which is not valid for this operation.`,
      ),
    )
  })

  it('a key that is not there, of another account, or called by an alias', async () => {
    const arn = `arn:aws:kms:us-east-1:111122223333:key/${NO_KEY_ID}`
    expect(await refusalOf(importKey({ KeyId: NO_KEY_ID }))).toEqual(
      refusal('NotFoundException', `Key '${arn}' does not exist`),
    )
    const foreign = await refusalOf(
      importKey({ KeyId: arn.replace('111122223333', OTHER_ACCOUNT) }),
    )
    expect(foreign.name).toBe('AccessDeniedException')
    expect((await refusalOf(importKey({ KeyId: 'alias/x' }))).name).toBe('InvalidArnException')
    expect((await refusalOf(importKey({ KeyId: 'arn:aws:kms' }))).name).toBe('InvalidArnException')
  })

  it('a key that is pending deletion', async () => {
    const own = await newExternalKey(kms)
    const { ImportToken, PublicKey } = await parametersFor(kms, own)
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: own.id }))
    const EncryptedKeyMaterial = wrapped({ ImportToken, PublicKey }, randomBytes(32))
    const told = importKey({ KeyId: own.id, ImportToken, EncryptedKeyMaterial })
    expect(await refusalOf(told)).toEqual(
      refusal('KMSInvalidStateException', `${own.arn} is pending deletion.`),
    )
  })
})

it.each([
  ['ML_DSA_44', 'SIGN_VERIFY'],
  ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
] as const)('There is no key %s to import into', async (KeySpec, KeyUsage) => {
  const told = kms.send(new CreateKeyCommand({ KeySpec, KeyUsage, Origin: 'EXTERNAL' }))
  expect(await refusalOf(told)).toEqual(
    refusal(
      'UnsupportedOperationException',
      `KeySpec ${KeySpec} with Origin EXTERNAL is not supported by this server.`,
    ),
  )
})

it('A policy can insist on an expiration, and on a date', async () => {
  const denied = (Condition: object) => deny('kms:ImportKeyMaterial', { ...to('*'), Condition })
  const Policy = JSON.stringify(
    policy(
      allow('kms:*', to(ROOT_A)),
      denied({ StringNotEquals: { 'kms:ExpirationModel': 'KEY_MATERIAL_EXPIRES' } }),
      denied({
        DateGreaterThan: { 'kms:ValidTo': new Date(Date.now() + 2 * DAY_MS).toISOString() },
      }),
    ),
  )
  const own = await newExternalKey(kms, { Policy })
  const material = randomBytes(32)
  for (const input of [{}, { ValidTo: new Date(Date.now() + 3 * DAY_MS) }]) {
    const told = await refusalOf(importInto(kms, own, material, input))
    expect(told.name).toBe('AccessDeniedException')
  }
  await importInto(kms, own, material, { ValidTo: new Date(Date.now() + DAY_MS) })
  expect((await metadataOf(kms, own)).KeyState).toBe('Enabled')
})
