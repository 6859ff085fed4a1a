// ImportKeyMaterial as callers see it: whose material it takes, and what it says of what is none.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
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
import { recordOf } from '../testing/recorded.ts'
import { materialsOf } from '../testing/rotation.ts'
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

async function metadataOf({ id }: StoredKey) {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }))
  return KeyMetadata
}

async function sealed({ id }: StoredKey): Promise<Uint8Array> {
  const input = { KeyId: id, Plaintext: Buffer.from('x') }
  return (await kms.send(new EncryptCommand(input))).CiphertextBlob as Uint8Array
}

async function deleteMaterial({ id }: StoredKey, KeyMaterialId?: string) {
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId }))
}

describe('The first import', () => {
  it('makes the key usable, and tells its material', async () => {
    const own = await newExternalKey(kms)
    expect(await metadataOf(own)).toMatchObject({ KeyState: 'PendingImport', Enabled: false })
    expect(await metadataOf(own)).not.toHaveProperty('CurrentKeyMaterialId')
    expect(await metadataOf(own)).not.toHaveProperty('ExpirationModel')
    const { $metadata, ...answer } = await importInto(kms, own, randomBytes(32))
    expect(answer).toEqual({
      KeyId: own.arn,
      KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const metadata = await metadataOf(own)
    expect(metadata).toMatchObject({
      KeyState: 'Enabled',
      Enabled: true,
      Origin: 'EXTERNAL',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      CurrentKeyMaterialId: answer.KeyMaterialId,
    })
    expect(metadata).not.toHaveProperty('ValidTo')
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: await sealed(own) }))
    expect(opened.KeyMaterialId).toBe(answer.KeyMaterialId)
  })

  it('keeps the date on which the material expires', async () => {
    const own = await newExternalKey(kms)
    const ValidTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY_MS)
    await importInto(kms, own, randomBytes(32), { ValidTo })
    expect(await metadataOf(own)).toMatchObject({
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo,
    })
  })

  it('of two keys, the same material is told by different ids', async () => {
    const material = randomBytes(32)
    const [one, other] = [await newExternalKey(kms), await newExternalKey(kms)]
    const first = await importInto(kms, one, material)
    const second = await importInto(kms, other, material)
    expect(first.KeyMaterialId).not.toBe(second.KeyMaterialId)
  })

  it('is recorded without token and material', async () => {
    const own = await newExternalKey(kms)
    const ValidTo = new Date('2099-01-01T00:00:00Z')
    await refusalOf(importInto(kms, own, randomBytes(32), { ValidTo }))
    const record = await recordOf(
      server,
      importInto(kms, own, randomBytes(32), { KeyMaterialDescription: 'from the vault' }),
    )
    expect(record).toMatchObject({
      eventName: 'ImportKeyMaterial',
      readOnly: false,
      requestParameters: {
        keyId: own.id,
        expirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        keyMaterialDescription: 'from the vault',
      },
      responseElements: { keyId: own.arn, keyMaterialId: expect.any(String) },
      resources: [{ ARN: own.arn }],
    })
    const { requestParameters } = record as { requestParameters: object }
    expect(Object.keys(requestParameters)).not.toContain('importToken')
    expect(Object.keys(requestParameters)).not.toContain('encryptedKeyMaterial')
  })
})

describe('A later import', () => {
  it('of the same material lets the key decrypt what it encrypted before', async () => {
    const own = await newExternalKey(kms)
    const material = randomBytes(32)
    const { KeyMaterialId } = await importInto(kms, own, material)
    const blob = await sealed(own)
    await deleteMaterial(own)
    expect(await refusalOf(sealed(own))).toEqual(
      refusal('KMSInvalidStateException', `${own.arn} is pending import.`),
    )
    const again = await importInto(kms, own, material)
    expect(again.KeyMaterialId).toBe(KeyMaterialId)
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x')
  })

  it('of the same material changes its expiration, without a deletion before', async () => {
    const own = await newExternalKey(kms)
    const material = randomBytes(32)
    const ValidTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY_MS)
    await importInto(kms, own, material, { ValidTo })
    const blob = await sealed(own)
    await importInto(kms, own, material)
    expect(await metadataOf(own)).not.toHaveProperty('ValidTo')
    expect((await kms.send(new DecryptCommand({ CiphertextBlob: blob }))).KeyId).toBe(own.arn)
    await importInto(kms, own, material, { ValidTo, ImportType: 'EXISTING_KEY_MATERIAL' })
    expect(await metadataOf(own)).toMatchObject({ ValidTo, KeyState: 'Enabled' })
  })

  it('of other material is refused, before and after the first was deleted', async () => {
    const own = await newExternalKey(kms)
    await importInto(kms, own, randomBytes(32))
    const expected = refusal(
      'IncorrectKeyMaterialException',
      `The key material is not the same that was previously imported into ${own.arn}.`,
    )
    expect(await refusalOf(importInto(kms, own, randomBytes(32)))).toEqual(expected)
    await deleteMaterial(own)
    expect(await refusalOf(importInto(kms, own, randomBytes(32)))).toEqual(expected)
    expect((await metadataOf(own))?.KeyState).toBe('PendingImport')
  })

  it('leaves a disabled key disabled', async () => {
    const own = await newExternalKey(kms)
    const material = randomBytes(32)
    await importInto(kms, own, material)
    await kms.send(new DisableKeyCommand({ KeyId: own.id }))
    await importInto(kms, own, material)
    expect((await metadataOf(own))?.KeyState).toBe('Disabled')
  })

  it('of new material waits for a rotation, and is one at a time', async () => {
    const own = await newExternalKey(kms)
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const current = await importInto(kms, own, first, { KeyMaterialDescription: 'first one' })
    const ImportType = 'NEW_KEY_MATERIAL'
    const pending = await importInto(kms, own, second, { ImportType })
    expect((await metadataOf(own))?.CurrentKeyMaterialId).toBe(current.KeyMaterialId)
    const listed = {
      KeyId: own.arn,
      ImportState: 'IMPORTED',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }
    expect(await materialsOf(kms, own)).toEqual([
      {
        ...listed,
        KeyMaterialId: current.KeyMaterialId,
        KeyMaterialState: 'CURRENT',
        KeyMaterialDescription: 'first one',
      },
      { ...listed, KeyMaterialId: pending.KeyMaterialId, KeyMaterialState: 'PENDING_ROTATION' },
    ])
    expect(await refusalOf(importInto(kms, own, randomBytes(32), { ImportType }))).toEqual(
      refusal(
        'KMSInvalidStateException',
        `${own.arn} already has key material pending rotation. Rotate the key or delete that material first.`,
      ),
    )
    for (const material of [first, second]) {
      expect(await refusalOf(importInto(kms, own, material, { ImportType }))).toEqual(
        refusal(
          'IncorrectKeyMaterialException',
          `The key material is already associated with ${own.arn}, but new key material was expected.`,
        ),
      )
    }
    const again = await importInto(kms, own, second, { KeyMaterialDescription: 'told later' })
    expect(again.KeyMaterialId).toBe(pending.KeyMaterialId)
    expect((await materialsOf(kms, own)).at(1)?.KeyMaterialDescription).toBe('told later')
  })

  it('is of the material that it names', async () => {
    const own = await newExternalKey(kms)
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const one = await importInto(kms, own, first, { KeyMaterialDescription: 'kept' })
    const other = await importInto(kms, own, second, { ImportType: 'NEW_KEY_MATERIAL' })
    for (const id of [other.KeyMaterialId, '0'.repeat(64)]) {
      expect(await refusalOf(importInto(kms, own, first, { KeyMaterialId: id }))).toEqual(
        refusal(
          'IncorrectKeyMaterialException',
          `The key material does not match the key material ID ${id}.`,
        ),
      )
    }
    const { KeyMaterialId } = one
    expect((await importInto(kms, own, first, { KeyMaterialId })).KeyMaterialId).toBe(KeyMaterialId)
    expect((await materialsOf(kms, own)).at(0)?.KeyMaterialDescription).toBe('kept')
  })
})

describe('An HMAC key', () => {
  it('takes keys longer than its hash, and no parameter of symmetric keys', async () => {
    const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const
    const own = await newExternalKey(kms, HMAC)
    const material = randomBytes(64)
    for (const [name, value] of [
      ['ImportType', 'NEW_KEY_MATERIAL'],
      ['KeyMaterialDescription', 'x'],
      ['KeyMaterialId', '0'.repeat(64)],
    ] as const) {
      expect(await refusalOf(importInto(kms, own, material, { [name]: value }))).toEqual(
        refusal(
          'ValidationException',
          `${name} is supported only for symmetric encryption KMS keys.`,
        ),
      )
    }
    const { $metadata, ...answer } = await importInto(kms, own, material)
    expect(answer).toEqual({ KeyId: own.arn })
    const input = {
      KeyId: own.id,
      Message: Buffer.from('x'),
      MacAlgorithm: 'HMAC_SHA_256',
    } as const
    expect((await kms.send(new GenerateMacCommand(input))).Mac).toHaveLength(32)
    expect(await metadataOf(own)).not.toHaveProperty('CurrentKeyMaterialId')
    expect((await refusalOf(importInto(kms, own, randomBytes(64)))).name).toBe(
      'IncorrectKeyMaterialException',
    )
  })
})

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

it('Nothing of the material is logged, recorded or stored in the clear', async () => {
  const own = await newExternalKey(kms)
  const material = Buffer.from('S3CR3T-0123456789abcdef012345678')
  const copy = Buffer.from(material)
  await importInto(kms, own, copy)
  await refusalOf(importInto(kms, own, Buffer.concat([material, material])))
  const files = readdirSync(server.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => `${server.directory}/${name}`)
    .filter((file) => statSync(file).isFile())
  expect(files.length).toBeGreaterThan(2)
  const texts = [...files.map((file) => readFileSync(file, 'latin1')), server.logged.join('\n')]
  for (const secret of [
    material.toString(),
    material.toString('base64'),
    material.toString('hex'),
  ]) {
    for (const text of texts) expect(text.includes(secret)).toBe(false)
  }
})

it('Imports of one key at once leave it with one material', async () => {
  const own = await newExternalKey(kms)
  const materials = Array.from({ length: 5 }, () => randomBytes(32))
  const answers = await Promise.allSettled(
    materials.map((material) => importInto(kms, own, material)),
  )
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await materialsOf(kms, own)).toHaveLength(1)
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
  expect((await metadataOf(own))?.KeyState).toBe('Enabled')
})
